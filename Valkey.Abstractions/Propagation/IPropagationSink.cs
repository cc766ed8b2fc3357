// Executed writes on their way to those who keep or repeat them. The stream is what replicas are sent: each command as an
// array of bulk strings, a SELECT before it wherever the database changes. Its offsets count those bytes.

namespace Valkey.Abstractions;

/// <summary>One command of the stream: rewritten to be deterministic. A transaction comes framed by MULTI and EXEC.</summary>
/// <remarks>Valid during the call only.</remarks>
public readonly ref struct PropagatedCommand(int databaseIndex, bool selectsDatabase, CommandArguments arguments, long endOffset)
{
    /// <summary>The database of MULTI and EXEC, which are of none.</summary>
    public const int NoDatabase = -1;

    /// <summary>The database that it works on, or <see cref="NoDatabase"/>.</summary>
    public int DatabaseIndex { get; } = databaseIndex;

    /// <summary>Whether the stream has a SELECT of that database right before it.</summary>
    public bool SelectsDatabase { get; } = selectsDatabase;

    /// <summary>The command and its arguments.</summary>
    public CommandArguments Arguments { get; } = arguments;

    /// <summary>Offset of the stream behind this command, bytes.</summary>
    public long EndOffset { get; } = endOffset;
}

/// <summary>Receives every executed write, in order: the append-only file, the replication backlog, an audit trail.</summary>
/// <remarks>Command thread.</remarks>
public interface IPropagationSink
{
    /// <summary>One command.</summary>
    void Append(in PropagatedCommand command);

    /// <summary>Called once per loop turn, before replies go out, when something was appended.</summary>
    void Flush();
}

/// <summary>The server's sinks.</summary>
public interface IPropagationRegistry
{
    /// <summary>Adds a sink; it hears of every write from now on. Disposing the result takes it out.</summary>
    IDisposable Add(IPropagationSink sink);

    /// <summary>Offset of the stream now, bytes since its start. It stands still while there is no sink.</summary>
    long Offset { get; }
}

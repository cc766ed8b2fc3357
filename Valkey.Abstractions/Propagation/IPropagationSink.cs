namespace Valkey.Abstractions;

/// <summary>Receives every executed write, in order: the append-only file, the replication backlog, an audit trail.</summary>
/// <remarks>Command thread. Arguments are valid during the call only.</remarks>
public interface IPropagationSink
{
    /// <summary>One command as it is to be repeated: rewritten to be deterministic. A transaction comes framed by MULTI and EXEC.</summary>
    void Append(int databaseIndex, CommandArguments arguments);

    /// <summary>Called once per loop turn, before replies go out, when something was appended.</summary>
    void Flush();
}

/// <summary>The server's sinks.</summary>
public interface IPropagationRegistry
{
    /// <summary>Adds a sink; it hears of every write from now on. Disposing the result takes it out.</summary>
    IDisposable Add(IPropagationSink sink);
}

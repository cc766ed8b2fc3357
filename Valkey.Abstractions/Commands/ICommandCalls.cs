// Commands that plugins run as the server: from a command of their own, from a handler of key events, from a timer.

using System.Text;

namespace Valkey.Abstractions;

/// <summary>Runs commands for plugins. Command thread only.</summary>
public interface ICommandCalls
{
    /// <summary>
    /// Runs a command at once, as the server itself: no client's rights, no memory limit, no waiting (a command that would wait
    /// answers as if its time were over). What it changes is signalled, announced and propagated as ever; inside of a command
    /// or a transaction it is part of it, and propagated in front of it.
    /// </summary>
    /// <remarks>
    /// Refused with an error reply: what is unknown or has the wrong number of arguments; what is not for scripts either
    /// (SUBSCRIBE, MULTI, SHUTDOWN, ...). From a handler of key events also: writes to keys that a running command works on and
    /// writes that name no key (FLUSHALL), as those commands go on with what they found; and every write when the event came
    /// from no command (a key expired by itself, or was evicted). <see cref="IKeyspaceEvents.AddJob"/> is for those.
    /// </remarks>
    /// <param name="databaseIndex">The database that it works on.</param>
    /// <param name="arguments">The command and its arguments: bytes that do not move during the call, or numbers.</param>
    /// <returns>The reply, valid until the next call.</returns>
    CommandResult Call(int databaseIndex, params ReadOnlySpan<PropagatedArgument> arguments);

    /// <summary>As the other one, with arguments as text. Convenient, and allocates.</summary>
    CommandResult Call(int databaseIndex, params ReadOnlySpan<string> arguments);
}

/// <summary>The reply of a command that a plugin ran, in RESP3.</summary>
public readonly ref struct CommandResult(ReadOnlySpan<byte> resp)
{
    /// <summary>The reply as a client would read it.</summary>
    public ReadOnlySpan<byte> Resp { get; } = resp;

    /// <summary>Whether it is an error.</summary>
    public bool IsError => Resp.Length > 0 && Resp[0] == '-';

    /// <summary>Whether it is null.</summary>
    public bool IsNull => Resp.Length > 0 && Resp[0] == '_';

    /// <summary>The text of an error, code included; empty when it is none.</summary>
    public string ErrorText => IsError ? Encoding.UTF8.GetString(FirstLine) : "";

    /// <summary>The number, when the reply is an integer.</summary>
    public bool TryInteger(out long value)
    {
        value = 0;
        return Resp.Length > 0 && Resp[0] == ':' && System.Buffers.Text.Utf8Parser.TryParse(FirstLine, out value, out _);
    }

    /// <summary>The bytes, when the reply is a string.</summary>
    public bool TryString(out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (Resp.Length == 0) return false;
        if (Resp[0] == '+')
        {
            bytes = FirstLine;
            return true;
        }

        if (Resp[0] != '$' || !System.Buffers.Text.Utf8Parser.TryParse(FirstLine, out int length, out _) || length < 0) return false;
        bytes = Resp.Slice(FirstLine.Length + 3, length);
        return true;
    }

    /// <summary>What stands between the type byte and the first end of line.</summary>
    private ReadOnlySpan<byte> FirstLine
    {
        get
        {
            ReadOnlySpan<byte> rest = Resp[1..];
            int end = rest.IndexOf("\r\n"u8);
            return end < 0 ? rest : rest[..end];
        }
    }
}

// The command log: commands that took long, and requests and replies that were large (COMMANDLOG; SLOWLOG is its first
// part). Source: https://valkey.io/commands/commandlog-get/
//
// The dispatcher asks after every command whether one of the thresholds is reached; that question is two comparisons. What
// is noted is copied: the arguments are gone when the command is over.
// Holds always: no more entries than the configured length, no argument longer than the limit. Command thread only.

using System.Diagnostics;
using System.Text;
using Valkey.Abstractions;
using Valkey.Host.Clients;
using Valkey.Host.Commands;
using Valkey.Host.Configuration;

namespace Valkey.Host.Observability;

internal enum CommandLogKind
{
    Slow,
    LargeRequest,
    LargeReply,
}

/// <summary>One noted command.</summary>
/// <param name="Id">Counts up within its kind, also over a reset.</param>
/// <param name="UnixSeconds">When it ended.</param>
/// <param name="Value">Microseconds, or bytes of the request or reply.</param>
/// <param name="Arguments">Shortened.</param>
/// <param name="Address">Of the client.</param>
/// <param name="ClientName">As CLIENT SETNAME gave it.</param>
internal sealed record CommandLogEntry(
    long Id, long UnixSeconds, long Value, byte[][] Arguments, string Address, byte[] ClientName);

internal sealed unsafe class CommandLog
{
    /// <summary>What the protocol adds to an argument at most, and to the whole request.</summary>
    public const int HeaderMaxBytes = 24;

    private const int ArgumentsMax = 32;
    private const int ArgumentBytesMax = 128;
    private static readonly byte[] s_redacted = "(redacted)"u8.ToArray();

    private readonly Server _server;
    private readonly Part[] _parts;

    public CommandLog(Server server)
    {
        _server = server;
        HostOptions options = server.Options;
        _parts =
        [
            new Part(options.CommandLogSlowerThan, options.CommandLogSlowMaxLen),
            new Part(options.CommandLogRequestLargerThan, options.CommandLogLargeRequestMaxLen),
            new Part(options.CommandLogReplyLargerThan, options.CommandLogLargeReplyMaxLen),
        ];
        foreach (Part part in _parts)
        {
            part.Threshold.Applied = ApplyOptions;
            part.LengthMax.Applied = ApplyOptions;
        }

        ApplyOptions();
    }

    /// <summary>Durations from here on are noted, in ticks of the monotonic clock; long.MaxValue: none.</summary>
    public long ThresholdTicks { get; private set; } = long.MaxValue;

    /// <summary>Requests from this size on are noted.</summary>
    public long RequestThresholdBytes { get; private set; } = long.MaxValue;

    /// <summary>Replies from this size on are noted.</summary>
    public long ReplyThresholdBytes { get; private set; } = long.MaxValue;

    /// <summary>The entries of one kind, the newest first.</summary>
    public LinkedList<CommandLogEntry> Entries(CommandLogKind kind) => _parts[(int)kind].Entries;

    public void Reset(CommandLogKind kind) => _parts[(int)kind].Entries.Clear();

    /// <summary>Notes a command that has ended and reached a threshold.</summary>
    public void Note(Client client, Command command, ArgumentSlice* slices, int count, long ticks, long replyBytes)
    {
        if (command.Has(CommandFlags.SkipCommandLog)) return;
        long requestBytes = RequestBytes(slices, count);
        if (ticks >= ThresholdTicks) Add(CommandLogKind.Slow, client, slices, count, Clock.MicrosecondsOf(ticks));
        if (requestBytes >= RequestThresholdBytes) Add(CommandLogKind.LargeRequest, client, slices, count, requestBytes);
        if (replyBytes >= ReplyThresholdBytes) Add(CommandLogKind.LargeReply, client, slices, count, replyBytes);
    }

    /// <summary>Size of a request on the wire, as an array of bulk strings.</summary>
    public static long RequestBytes(ArgumentSlice* slices, int count)
    {
        long bytes = 3 + Digits(count);
        for (int i = 0; i < count; i++) bytes += 5 + Digits(slices[i].Length) + slices[i].Length;
        return bytes;
    }

    private static int Digits(long value)
    {
        int digits = 1;
        for (; value >= 10; value /= 10) digits++;
        return digits;
    }

    private void Add(CommandLogKind kind, Client client, ArgumentSlice* slices, int count, long value)
    {
        Part part = _parts[(int)kind];
        part.Entries.AddFirst(new CommandLogEntry(
            part.NextId++, _server.Clock.UnixSeconds, value, Shorten(client, new CommandArguments(slices, count)), client.Address, client.NameBytes));
        part.Trim();
    }

    private static byte[][] Shorten(Client client, CommandArguments arguments)
    {
        byte[][] shortened = new byte[Math.Min(arguments.Count, ArgumentsMax)][];
        for (int i = 0; i < shortened.Length; i++)
        {
            bool isRest = i == ArgumentsMax - 1 && arguments.Count > ArgumentsMax;
            shortened[i] = isRest ? Encoding.ASCII.GetBytes($"... ({arguments.Count - ArgumentsMax + 1} more arguments)")
                : client.IsRedacted(i) ? s_redacted
                : Shorten(arguments[i]);
        }

        return shortened;
    }

    private static byte[] Shorten(ReadOnlySpan<byte> argument)
    {
        if (argument.Length <= ArgumentBytesMax) return argument.ToArray();
        return [.. argument[..ArgumentBytesMax], .. Encoding.ASCII.GetBytes($"... ({argument.Length - ArgumentBytesMax} more bytes)")];
    }

    private string? ApplyOptions()
    {
        ThresholdTicks = _parts[0].Limit is long.MaxValue ? long.MaxValue : _parts[0].Limit * (Stopwatch.Frequency / 1_000_000);
        RequestThresholdBytes = _parts[1].Limit;
        ReplyThresholdBytes = _parts[2].Limit;
        return null;
    }

    /// <summary>One kind: its options and its entries.</summary>
    private sealed class Part(IntegerOption threshold, IntegerOption lengthMax)
    {
        public IntegerOption Threshold => threshold;

        public IntegerOption LengthMax => lengthMax;

        public LinkedList<CommandLogEntry> Entries { get; } = new();

        public long NextId { get; set; }

        /// <summary>The value from which on something is noted; long.MaxValue when nothing is.</summary>
        public long Limit
        {
            get
            {
                bool isOff = threshold.Value < 0 || lengthMax.Value == 0 || threshold.Value > long.MaxValue / 1_000_000;
                return isOff ? long.MaxValue : threshold.Value;
            }
        }

        /// <summary>A shorter limit takes effect with the next entry, as in Valkey.</summary>
        public void Trim()
        {
            while (Entries.Count > lengthMax.Value) Entries.RemoveLast();
        }
    }
}

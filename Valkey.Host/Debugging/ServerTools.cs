// DEBUG about the server around the keys: sleep, log, replies of every type, the cron, clients' buffers.

using System.Globalization;
using System.Text;
using Valkey.Abstractions;
using Valkey.Host.Commands;
using Valkey.Structures;

namespace Valkey.Host.Debugging;

internal static class ServerTools
{
    private const long PeakResetDefaultMs = 5000;
    private const int FuzzRounds = 1_000_000;

    public static void AddTo(DebugTools tools)
    {
        tools.Add(new DebugTool("SLEEP", 1, 1, Sleep, "SLEEP <seconds>", "    Stop the server for <seconds>, fractions allowed."));
        tools.Add(new DebugTool("ERROR", 1, 1, context => context.Reply.Error(context.Argument(2)),
            "ERROR <string>", "    Reply an error with <string> as its code and text."));
        tools.Add(new DebugTool("LOG", 1, 1, Log, "LOG <message>", "    Write <message> to the server's log."));
        tools.Add(new DebugTool("LEAK", 1, 1, Leak, "LEAK <string>", "    Copy <string> into memory that is never freed."));
        tools.Add(new DebugTool("PROTOCOL", 1, 1, ProtocolTool.Run,
            "PROTOCOL <type>", "    Reply a value of <type>: string, integer, double, bignum, null, array, set, map,",
            "    attrib, push, verbatim, true, false."));
        tools.Add(new DebugTool("PAUSE-CRON", 1, 1, PauseCron, "PAUSE-CRON <0|1>", "    With 1, periodic work stops."));
        tools.Add(new DebugTool("REPLYBUFFER", 2, 2, ReplyBuffer,
            "REPLYBUFFER PEAK-RESET-TIME <NEVER|RESET|time>",
            "    Milliseconds after which the largest use of a reply buffer is forgotten; RESET for the default.",
            "REPLYBUFFER RESIZING <0|1>", "    With 0, reply buffers keep their size."));
        tools.Add(new DebugTool("CONFIG-REWRITE-FORCE-ALL", 0, 0,
            context => context.Server.Config.Rewrite(context, withDefaults: true),
            "CONFIG-REWRITE-FORCE-ALL", "    Rewrite the configuration file with every option, defaults too."));
        tools.Add(new DebugTool("STRINGMATCH-TEST", 0, 0, FuzzPatterns,
            "STRINGMATCH-TEST", "    Match a million random patterns against random texts."));
        tools.Add(new DebugTool("CLIENT-EVICTION", 0, 0, ClientEviction,
            "CLIENT-EVICTION", "    Show clients by the memory that they take (maxmemory-clients)."));
        tools.Add(new DebugTool("QUICKLIST-PACKED-THRESHOLD", 1, 1, PackedThreshold,
            "QUICKLIST-PACKED-THRESHOLD <size>", "    List elements from <size> on are held apart; 0 to go by list-max-listpack-size."));
    }

    private static void Sleep(HostContext context)
    {
        ReadOnlySpan<byte> text = context.Argument(2);
        double seconds = System.Buffers.Text.Utf8Parser.TryParse(text, out double value, out int _) ? value : 0;
#pragma warning disable RS0030 // to stall the command thread is what this tool is for
        if (seconds > 0) Thread.Sleep(TimeSpan.FromSeconds(seconds));
#pragma warning restore RS0030
        context.Reply.Ok();
    }

    private static void Log(HostContext context)
    {
        context.Server.Log.Write(LogLevel.Warning, $"DEBUG LOG: {Encoding.UTF8.GetString(context.Argument(2))}");
        context.Reply.Ok();
    }

    private static unsafe void Leak(HostContext context)
    {
        ReadOnlySpan<byte> text = context.Argument(2);
        text.CopyTo(new Span<byte>((void*)NativeHeap.Allocate((nuint)text.Length + 1), text.Length));
        context.Reply.Ok();
    }

    private static void PauseCron(HostContext context)
    {
        context.Server.Cron.IsPaused = DebugTools.LooseInteger(context.Argument(2)) != 0;
        context.Reply.Ok();
    }

    private static void ReplyBuffer(HostContext context)
    {
        if (context.ArgumentIs(2, "resizing"u8))
        {
            context.Server.Cron.ReplyBufferResizing = DebugTools.LooseInteger(context.Argument(3)) != 0;
        }
        else if (!context.ArgumentIs(2, "peak-reset-time"u8))
        {
            DebugTools.ReplyUnknown(context);
            return;
        }
        else if (context.ArgumentIs(3, "never"u8))
        {
            context.Server.Cron.ReplyBufferPeakResetMs = -1;
        }
        else if (context.ArgumentIs(3, "reset"u8))
        {
            context.Server.Cron.ReplyBufferPeakResetMs = PeakResetDefaultMs;
        }
        else
        {
            if (!context.TryInteger(3, out long milliseconds)) return;
            context.Server.Cron.ReplyBufferPeakResetMs = milliseconds;
        }

        context.Reply.Ok();
    }

    private static void FuzzPatterns(HostContext context)
    {
        Span<byte> pattern = stackalloc byte[32];
        Span<byte> text = stackalloc byte[32];
        for (int i = 0; i < FuzzRounds; i++)
        {
            Random.Shared.NextBytes(pattern);
            Random.Shared.NextBytes(text);
            Span<byte> drawn = pattern[..Random.Shared.Next(pattern.Length)];
            for (int j = 0; j < drawn.Length; j++) drawn[j] = "*?[]^-\\ab"u8[drawn[j] % 9];
            _ = GlobPattern.Matches(drawn, text[..Random.Shared.Next(text.Length)], ignoreCase: false);
        }

        context.Reply.SimpleString("Apparently the server did not crash: test passed"u8);
    }

    /// <summary>Clients counted by powers of two of their memory, from 32 KB to 4 GB.</summary>
    private static void ClientEviction(HostContext context)
    {
        const int FirstLog2 = 15, LastLog2 = 33;
        if (!context.Server.ClientMemory.IsLimited)
        {
            context.Reply.Error("ERR maxmemory-clients is disabled."u8);
            return;
        }

        long[] bytes = new long[LastLog2 - FirstLog2 + 1];
        int[] clients = new int[bytes.Length];
        foreach (Clients.Client client in context.Server.Clients.All)
        {
            if (!client.Has(Clients.ClientFlags.InMemoryBucket)) continue;
            int bucket = 0;
            while (bucket < bytes.Length - 1 && client.CountedMemoryBytes >= 1L << (FirstLog2 + bucket)) bucket++;
            bytes[bucket] += client.CountedMemoryBytes;
            clients[bucket]++;
        }

        StringBuilder text = new();
        for (int i = 0; i < bytes.Length; i++)
        {
            long from = i == 0 ? 0 : 1L << (FirstLog2 + i - 1);
            string to = i == bytes.Length - 1 ? "+            : " : string.Create(CultureInfo.InvariantCulture, $" - {(1L << (FirstLog2 + i)) - 1,10}: ");
            text.Append(CultureInfo.InvariantCulture, $"bucket {from,10}{to}tot-mem: {bytes[i],10}, clients: {clients[i]}\n");
        }

        context.Reply.Verbatim("txt"u8, Encoding.ASCII.GetBytes(text.ToString()));
    }

    private static void PackedThreshold(HostContext context)
    {
        const long Limit = (1L << 32) - (1 << 20);
        string text = Encoding.ASCII.GetString(context.Argument(2));
        if (!IntegerOption.TryParseMemory(text, out long bytes) || bytes is < 0 or > Limit)
        {
            context.Reply.Error("ERR argument must be a memory value bigger than 1 and smaller than 4gb"u8);
            return;
        }

        ListFill.LargeElementBytes = (int)Math.Min(bytes, int.MaxValue); // no element is larger
        context.Reply.Ok();
    }
}

// MEMORY: what a key costs, where the memory is, what to do about it.

using System.Globalization;
using System.Text;
using Valkey.Abstractions;
using Valkey.Host.Commands;
using Valkey.Structures;

namespace Valkey.Host.Keyspace;

[CommandContainer("memory")]
internal static partial class MemoryCommands
{
    private const long SamplesDefault = 5;

    /// <summary>What an entry costs in the table of keys, on average.</summary>
    private const long TableBytesPerEntry = 14;

    private static readonly string[] s_help =
    [
        "DOCTOR",
        "    Report what looks unhealthy about the memory.",
        "MALLOC-STATS",
        "    Show what the allocator tells about itself.",
        "PURGE",
        "    Ask the allocator to give unused pages back to the system.",
        "STATS",
        "    Show what the memory is used for.",
        "USAGE <key> [SAMPLES <count>]",
        "    Tell how many bytes <key> and its value take. Of a nested value <count> elements",
        "    are looked at (5 unless given, 0 for all).",
    ];

    /// <summary>MEMORY USAGE key [SAMPLES count].</summary>
    [Command("memory|usage")]
    public static void Usage(CommandContext ctx)
    {
        long samples = SamplesDefault;
        for (int i = 3; i < ctx.ArgumentCount; i += 2)
        {
            if (!ctx.ArgumentIs(i, "samples"u8) || i + 1 >= ctx.ArgumentCount)
            {
                ctx.Reply.SyntaxError();
                return;
            }

            if (!ctx.TryInteger(i + 1, out samples)) return;
            if (samples >= 0) continue;
            ctx.Reply.SyntaxError();
            return;
        }

        HostContext context = HostContext.Of(ctx);
        Entry entry = context.Database.Find(ctx.Argument(2)); // expired or not: it takes its memory
        if (entry.IsNull)
        {
            ctx.Reply.Null();
            return;
        }

        StoredValue value = DataTypeRegistry.ValueOf(entry);
        long valueBytes = context.Server.DataTypes.Of(entry).MemoryUsageBytes(in value, (int)Math.Min(samples, int.MaxValue));
        ctx.Reply.Integer((long)entry.MemoryBytes + TableBytesPerEntry + valueBytes);
    }

    /// <summary>MEMORY STATS.</summary>
    [Command("memory|stats")]
    public static void Stats(CommandContext ctx)
    {
        HostContext context = HostContext.Of(ctx);
        MemoryOverview overview = MemoryOverview.Take(context.Server);
        DeferredLength map = ctx.Reply.BeginDeferred();
        long pairs = 0;
        overview.WriteTo(new MemoryOverview.PairWriter(ctx.Reply), ref pairs);
        ctx.Reply.EndMap(map, pairs);
    }

    /// <summary>MEMORY DOCTOR.</summary>
    [Command("memory|doctor")]
    public static void Doctor(CommandContext ctx) =>
        ctx.Reply.Verbatim("txt"u8, Encoding.UTF8.GetBytes(MemoryOverview.Take(HostContext.Of(ctx).Server).Diagnose()));

    /// <summary>MEMORY MALLOC-STATS.</summary>
    [Command("memory|malloc-stats")]
    public static void MallocStats(CommandContext ctx)
    {
        if (!NativeHeap.IsJemalloc)
        {
            ctx.Reply.Bulk("Stats not supported for the current allocator"u8);
            return;
        }

        AllocatorStatistics statistics = NativeHeap.ReadStatistics();
        string text = string.Create(
            CultureInfo.InvariantCulture,
            $"___ Begin {NativeHeap.AllocatorName} statistics ___\nAllocated: {statistics.AllocatedBytes}, active: {statistics.ActiveBytes}, "
            + $"resident: {statistics.ResidentBytes}, muzzy: {statistics.MuzzyBytes}\n--- End {NativeHeap.AllocatorName} statistics ---\n");
        ctx.Reply.Verbatim("txt"u8, Encoding.UTF8.GetBytes(text));
    }

    /// <summary>MEMORY PURGE.</summary>
    [Command("memory|purge")]
    public static void Purge(CommandContext ctx)
    {
        NativeHeap.Purge();
        ctx.Reply.Ok();
    }

    /// <summary>MEMORY HELP.</summary>
    [Command("memory|help")]
    public static void Help(CommandContext ctx) => HelpReply.Write(HostContext.Of(ctx), "MEMORY", s_help);
}

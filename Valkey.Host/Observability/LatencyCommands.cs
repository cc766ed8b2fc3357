// LATENCY: what was slow, when, and what may be done about it. Source: https://valkey.io/topics/latency-monitor/

using System.Text;
using Valkey.Abstractions;
using Valkey.Host.Commands;

namespace Valkey.Host.Observability;

[CommandContainer("latency")]
internal static partial class LatencyCommands
{
    /// <summary>LATENCY LATEST: per event its name, the time and duration of the last spike, and the worst ever.</summary>
    [Command("latency|latest")]
    public static void Latest(CommandContext ctx)
    {
        LatencyMonitor monitor = Monitor(ctx);
        ctx.Reply.ArrayHeader(monitor.Events.Count);
        foreach ((string name, LatencyEvent noted) in monitor.Events)
        {
            ctx.Reply.ArrayHeader(4);
            ctx.Reply.Bulk(name);
            ctx.Reply.Integer(noted.Latest.UnixSeconds);
            ctx.Reply.Integer(noted.Latest.DurationMs);
            ctx.Reply.Integer(noted.WorstMs);
        }
    }

    /// <summary>LATENCY HISTORY event: time and duration of each spike.</summary>
    [Command("latency|history")]
    public static void History(CommandContext ctx)
    {
        IReadOnlyList<LatencySample> samples = Find(ctx)?.Samples ?? [];
        ctx.Reply.ArrayHeader(samples.Count);
        foreach (LatencySample sample in samples)
        {
            ctx.Reply.ArrayHeader(2);
            ctx.Reply.Integer(sample.UnixSeconds);
            ctx.Reply.Integer(sample.DurationMs);
        }
    }

    /// <summary>LATENCY RESET [event ...]: the number of events that were forgotten.</summary>
    [Command("latency|reset")]
    public static void Reset(CommandContext ctx)
    {
        LatencyMonitor monitor = Monitor(ctx);
        int count = ctx.ArgumentCount == 2 ? monitor.Reset() : 0;
        for (int i = 2; i < ctx.ArgumentCount; i++) count += monitor.Reset(Encoding.Latin1.GetString(ctx.Argument(i))) ? 1 : 0;
        ctx.Reply.Integer(count);
    }

    /// <summary>LATENCY GRAPH event: the spikes as a picture.</summary>
    [Command("latency|graph")]
    public static void Graph(CommandContext ctx)
    {
        string name = Encoding.Latin1.GetString(ctx.Argument(2));
        if (Find(ctx) is not { } noted)
        {
            ctx.Reply.Error($"ERR No samples available for event '{name}'");
            return;
        }

        long nowUnixSeconds = ctx.NowUnixMs / 1000;
        ctx.Reply.Verbatim("txt"u8, Encoding.Latin1.GetBytes(LatencyGraph.Draw(name, noted, nowUnixSeconds)));
    }

    /// <summary>LATENCY DOCTOR: the spikes in words, with advice.</summary>
    [Command("latency|doctor")]
    public static void Doctor(CommandContext ctx) =>
        ctx.Reply.Verbatim("txt"u8, Encoding.UTF8.GetBytes(new LatencyDoctor(HostContext.Of(ctx).Server).Report()));

    /// <summary>LATENCY HISTOGRAM [command ...]: how many calls took at most how long, by command.</summary>
    [Command("latency|histogram")]
    public static void Histogram(CommandContext ctx)
    {
        Server server = HostContext.Of(ctx).Server;
        DeferredLength map = ctx.Reply.BeginDeferred();
        long count = 0;
        if (ctx.ArgumentCount == 2)
        {
            foreach (Command command in server.Commands.All) count += WriteHistograms(ctx.Reply, command);
        }

        for (int i = 2; i < ctx.ArgumentCount; i++)
        {
            if (server.Commands.FindNamed(ctx.Argument(i)) is { } command) count += WriteHistograms(ctx.Reply, command);
        }

        ctx.Reply.EndMap(map, count);
    }

    /// <summary>LATENCY HELP.</summary>
    [Command("latency|help")]
    public static void Help(CommandContext ctx) => HelpText.Write(
        ctx,
        "DOCTOR",
        "    A report on what was slow, with advice.",
        "GRAPH <event>",
        "    The spikes of an event as a picture.",
        "HISTOGRAM [<command> ...]",
        "    How many calls of commands took at most how long; of all commands without a name.",
        "HISTORY <event>",
        "    Time and duration of the spikes of an event.",
        "LATEST",
        "    The last spike of every event.",
        "RESET [<event> ...]",
        "    Forgets events, all of them without a name.");

    private static LatencyMonitor Monitor(CommandContext ctx) => HostContext.Of(ctx).Server.Latency;

    private static LatencyEvent? Find(CommandContext ctx) =>
        Monitor(ctx).Events.GetValueOrDefault(Encoding.Latin1.GetString(ctx.Argument(2)));

    /// <summary>Writes a command and its subcommands, as far as they were called; returns how many.</summary>
    private static long WriteHistograms(ReplyWriter reply, Command command)
    {
        long count = 0;
        if (command.Latency is { } histogram)
        {
            Write(reply, command.Name, histogram);
            count++;
        }

        if (command.Subcommands is null) return count;
        foreach (Command subcommand in command.Subcommands.All) count += WriteHistograms(reply, subcommand);
        return count;
    }

    private static void Write(ReplyWriter reply, string name, LatencyHistogram histogram)
    {
        List<(long Microseconds, long Count)> steps = histogram.CumulativeSteps();
        reply.Bulk(name);
        reply.MapHeader(2);
        reply.Bulk("calls"u8);
        reply.Integer(histogram.Count);
        reply.Bulk("histogram_usec"u8);
        reply.MapHeader(steps.Count);
        foreach ((long microseconds, long count) in steps)
        {
            reply.Integer(microseconds);
            reply.Integer(count);
        }
    }
}

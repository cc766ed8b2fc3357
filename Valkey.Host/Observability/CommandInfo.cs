// INFO commandstats, errorstats and latencystats: how often, how long, what went wrong.

using System.Globalization;
using System.Text;
using Valkey.Abstractions;
using Valkey.Host.Commands;

namespace Valkey.Host.Observability;

internal sealed class CommandInfo(Server server)
{
    public void WriteStatistics(InfoWriter info)
    {
        ForEach(server.Commands.All, command =>
        {
            if (command.Calls == 0 && command.RejectedCalls == 0 && command.FailedCalls == 0) return;
            long durationUs = Clock.MicrosecondsOf(command.DurationTicks);
            double perCall = command.Calls == 0 ? 0 : (double)durationUs / command.Calls;
            info.Field(
                "cmdstat_" + InfoText.Safe(command.Name),
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"calls={command.Calls},usec={durationUs},usec_per_call={perCall:F2},"
                    + $"rejected_calls={command.RejectedCalls},failed_calls={command.FailedCalls}"));
        });
    }

    public void WriteErrors(InfoWriter info)
    {
        SortedDictionary<string, long> sorted = new(server.Statistics.ErrorsByCode, StringComparer.Ordinal);
        foreach ((string code, long count) in sorted) info.Field("errorstat_" + InfoText.Safe(code), $"count={count}");
    }

    public void WriteLatencies(InfoWriter info)
    {
        if (!server.Options.LatencyTracking.Value) return;
        ForEach(server.Commands.All, command =>
        {
            if (command.Latency is not { } histogram) return;
            info.Field("latency_percentiles_usec_" + InfoText.Safe(command.Name), Percentiles(histogram));
        });
    }

    private static void ForEach(IEnumerable<Command> commands, Action<Command> action)
    {
        foreach (Command command in commands)
        {
            action(command);
            if (command.Subcommands is not null) ForEach(command.Subcommands.All, action);
        }
    }

    private string Percentiles(LatencyHistogram histogram)
    {
        StringBuilder text = new();
        foreach (double percent in server.Options.LatencyPercentiles)
        {
            if (text.Length > 0) text.Append(',');
            double durationUs = histogram.PercentileNs(percent) / 1000.0;
            text.Append(CultureInfo.InvariantCulture, $"p{percent:0.######}={durationUs:F3}");
        }

        return text.ToString();
    }
}

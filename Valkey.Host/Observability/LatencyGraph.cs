// The picture of LATENCY GRAPH: a column per spike, its age below it, letter under letter.

using System.Globalization;
using System.Text;

namespace Valkey.Host.Observability;

internal static class LatencyGraph
{
    private const int Columns = 80;
    private const int Rows = 4;

    /// <summary>A headline, a rule, and as many strips of columns as are needed.</summary>
    public static string Draw(string name, LatencyEvent noted, long nowUnixSeconds)
    {
        LatencySample[] samples = [.. noted.Samples];
        (long lowMs, long highMs) = Range(samples);
        StringBuilder picture = new();
        picture.Append(CultureInfo.InvariantCulture, $"{name} - high {highMs} ms, low {lowMs} ms (all time high {noted.WorstMs} ms)\n");
        picture.Append('-', Columns).Append('\n');
        for (int first = 0; first < samples.Length; first += Columns)
        {
            ReadOnlySpan<LatencySample> strip = samples.AsSpan(first, Math.Min(Columns, samples.Length - first));
            for (int row = Rows - 1; row >= 0; row--) AppendRow(picture, strip, row, lowMs, highMs);
            AppendAges(picture, strip, nowUnixSeconds);
        }

        return picture.ToString();
    }

    private static (long LowMs, long HighMs) Range(LatencySample[] samples)
    {
        long lowMs = long.MaxValue;
        long highMs = 0;
        foreach (LatencySample sample in samples)
        {
            lowMs = Math.Min(lowMs, sample.DurationMs);
            highMs = Math.Max(highMs, sample.DurationMs);
        }

        return (lowMs, highMs);
    }

    private static void AppendRow(StringBuilder picture, ReadOnlySpan<LatencySample> strip, int row, long lowMs, long highMs)
    {
        foreach (LatencySample sample in strip)
        {
            // Two marks to a row: '_' for its lower half, '#' when the column goes on above, 'o' at its very top.
            int height = highMs == lowMs ? Rows * 2 : 1 + (int)((sample.DurationMs - lowMs) * ((Rows * 2) - 1) / (highMs - lowMs));
            int filled = height - (row * 2);
            picture.Append(filled switch { <= 0 => ' ', 1 => '_', 2 => 'o', _ => '#' });
        }

        picture.Append('\n');
    }

    private static void AppendAges(StringBuilder picture, ReadOnlySpan<LatencySample> strip, long nowUnixSeconds)
    {
        string[] ages = new string[strip.Length];
        int longest = 0;
        for (int i = 0; i < ages.Length; i++)
        {
            ages[i] = Age(nowUnixSeconds - strip[i].UnixSeconds);
            longest = Math.Max(longest, ages[i].Length);
        }

        picture.Append('\n');
        for (int line = 0; line < longest; line++)
        {
            foreach (string age in ages) picture.Append(line < age.Length ? age[line] : ' ');
            picture.Append('\n');
        }
    }

    private static string Age(long seconds) => seconds switch
    {
        < 60 => $"{seconds}s",
        < 3600 => $"{seconds / 60}m",
        < 86400 => $"{seconds / 3600}h",
        _ => $"{seconds / 86400}d",
    };
}

// How long a command takes, as a histogram of nanoseconds: exact below 256 ns, to 1/128 above, up to a second, in the way of
// HdrHistogram (http://hdrhistogram.org): values are grouped by their highest bit, each group divided into 128 linear parts.
// Holds always: about 12 KB, whatever is recorded; what is longer than a second counts as a second.

using System.Numerics;
using System.Runtime.CompilerServices;

namespace Valkey.Host.Observability;

internal sealed class LatencyHistogram
{
    private const int SubBits = 7;
    private const int SubCount = 1 << SubBits;
    private const long LongestNs = 1_000_000_000;
    private const long FirstStepNs = 1024;
    private readonly uint[] _counts = new uint[IndexOf(LongestNs) + 1];

    /// <summary>Number of values.</summary>
    public long Count { get; private set; }

    /// <summary>Adds a duration in nanoseconds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Record(long durationNs)
    {
        _counts[IndexOf((ulong)Math.Clamp(durationNs, 1, LongestNs))]++;
        Count++;
    }

    /// <summary>The duration below or at which so many percent of the values lie, in nanoseconds: the end of its part.</summary>
    public long PercentileNs(double percent)
    {
        long wanted = Math.Max(1, (long)((Math.Min(percent, 100) / 100.0 * Count) + 0.5));
        long seen = 0;
        for (int i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= wanted && _counts[i] > 0) return HighestOf(i);
        }

        return 0;
    }

    /// <summary>How many values lie in the part of this duration or below.</summary>
    public long CountUpTo(long durationNs)
    {
        long seen = 0;
        int last = IndexOf((ulong)Math.Clamp(durationNs, 1, LongestNs));
        for (int i = 0; i <= last; i++) seen += _counts[i];
        return seen;
    }

    /// <summary>Steps of doubling duration, in microseconds, with the number of values up to each; steps that add nothing are left out.</summary>
    public List<(long Microseconds, long Count)> CumulativeSteps()
    {
        List<(long, long)> steps = [];
        long previous = 0;
        for (long stepNs = FirstStepNs; previous < Count; stepNs *= 2)
        {
            long count = CountUpTo(stepNs);
            if (count > previous) steps.Add((HighestOf(IndexOf((ulong)stepNs)) / 1000, count));
            previous = count;
        }

        return steps;
    }

    private static int IndexOf(ulong value)
    {
        int shift = Math.Max(0, 63 - BitOperations.LeadingZeroCount(value) - SubBits);
        return (shift << SubBits) + (int)(value >> shift);
    }

    private static long HighestOf(int index)
    {
        if (index < 2 * SubCount) return index;
        int shift = (index >> SubBits) - 1;
        long value = (long)(index & (SubCount - 1)) + SubCount;
        return ((value + 1) << shift) - 1;
    }
}

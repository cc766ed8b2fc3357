// How long a command takes, as a histogram: exact to about 1.5 % over 1 ns to hours, in the way of HdrHistogram
// (http://hdrhistogram.org): values are grouped by their highest bit, each group divided into 64 linear parts.

using System.Numerics;
using System.Runtime.CompilerServices;

namespace Valkey.Host.Observability;

internal sealed class LatencyHistogram
{
    private const int SubBits = 6;
    private const int SubCount = 1 << SubBits;
    private const long LongestNs = 60L * 60 * 1_000_000_000;
    private readonly uint[] _counts = new uint[(64 - SubBits) * SubCount];

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
        long wanted = Math.Max(1, (long)Math.Ceiling(percent / 100.0 * Count));
        long seen = 0;
        for (int i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= wanted && _counts[i] > 0) return HighestOf(i);
        }

        return 0;
    }

    /// <summary>How many values were at most so long.</summary>
    public long CountUpTo(long durationNs)
    {
        long seen = 0;
        int last = IndexOf((ulong)Math.Clamp(durationNs, 1, LongestNs));
        for (int i = 0; i <= last; i++) seen += _counts[i];
        return seen;
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

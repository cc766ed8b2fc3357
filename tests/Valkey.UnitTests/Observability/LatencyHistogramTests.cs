// The histogram against a sorted array of the same values.

using Valkey.Host.Observability;
using Xunit;

namespace Valkey.UnitTests.Observability;

public sealed class LatencyHistogramTests
{
    private const double ErrorMax = 1.0 / 128;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Percentiles_are_those_of_the_sorted_values(int seed)
    {
        long[] values = RandomValues(seed, 5_000);
        LatencyHistogram histogram = new();
        foreach (long value in values) histogram.Record(value);
        Array.Sort(values);

        foreach (double percent in (double[])[0, 0.1, 10, 50, 90, 99, 99.9, 100])
        {
            int index = Math.Max(1, (int)((percent / 100 * values.Length) + 0.5)) - 1;
            long expected = values[index];
            long actual = histogram.PercentileNs(percent);

            Assert.InRange(actual, expected, expected + (expected * ErrorMax) + 1);
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void Steps_count_the_values_up_to_them(int seed)
    {
        long[] values = RandomValues(seed, 2_000);
        LatencyHistogram histogram = new();
        foreach (long value in values) histogram.Record(value);

        List<(long Microseconds, long Count)> steps = histogram.CumulativeSteps();

        Assert.Equal(values.Length, steps[^1].Count);
        long previous = 0;
        foreach ((long microseconds, long count) in steps)
        {
            Assert.True(count > previous, $"seed {seed}: the step of {microseconds} microseconds adds nothing");
            int within = values.Count(value => value < microseconds * 1000);
            int possible = values.Count(value => value < (microseconds + 1) * 1000);
            Assert.InRange(count, within, possible);
            previous = count;
        }
    }

    [Fact]
    public void Steps_double_and_have_the_familiar_names()
    {
        LatencyHistogram histogram = new();
        for (long ns = 1000; ns < 200_000; ns += 1000) histogram.Record(ns);

        Assert.Equal([1, 2, 4, 8, 16, 33, 66, 132, 264], histogram.CumulativeSteps().ConvertAll(step => step.Microseconds));
    }

    [Fact]
    public void Small_values_are_exact()
    {
        LatencyHistogram histogram = new();
        for (int ns = 1; ns < 256; ns++) histogram.Record(ns);

        for (int ns = 1; ns < 256; ns++) Assert.Equal(ns, histogram.CountUpTo(ns));
    }

    [Fact]
    public void What_is_longer_than_a_second_counts_as_a_second()
    {
        LatencyHistogram histogram = new();
        histogram.Record(90L * 1_000_000_000);
        histogram.Record(0);

        Assert.Equal(2, histogram.Count);
        Assert.InRange(histogram.PercentileNs(100), 1_000_000_000, 1_010_000_000);
        Assert.Equal(1, histogram.PercentileNs(1));
    }

    /// <summary>From nanoseconds to a second, each order of magnitude as likely as the others.</summary>
    private static long[] RandomValues(int seed, int count)
    {
        Random random = new(seed);
        long[] values = new long[count];
        for (int i = 0; i < count; i++) values[i] = Math.Max(1, (long)Math.Pow(10, random.NextDouble() * 9));
        return values;
    }
}

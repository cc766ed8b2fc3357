using Xunit;

namespace Valkey.Structures.Tests;

public sealed class OffsetTableTests
{
    [Fact]
    public void It_holds_what_a_dictionary_holds() => Seeded.Check(200, random =>
    {
        using MemoryBalance balance = new();
        using OffsetTable table = new();
        Dictionary<ulong, long> model = [];
        ulong range = (ulong)random.Next(1, 2_000);
        ulong step = random.Next(3) switch { 0 => 1, 1 => 1UL << 32, _ => 0x9E3779B97F4A7C15UL }; // crowded and well spread
        for (int i = random.Next(1, 4_000); i > 0; i--)
        {
            ulong hash = ((ulong)random.NextInt64() % range) * step;
            if (random.Next(5) < 3)
            {
                long offset = random.NextInt64(-5, long.MaxValue);
                Assert.Equal(!model.ContainsKey(hash), table.Set(hash, offset));
                model[hash] = offset;
            }
            else
            {
                Assert.Equal(model.Remove(hash), table.Remove(hash));
            }

            Assert.Equal(model.Count, table.Count);
            ulong other = ((ulong)random.NextInt64() % range) * step;
            Assert.Equal(model.TryGetValue(other, out long expected), table.TryGet(other, out long actual));
            Assert.Equal(expected, actual);
        }

        foreach ((ulong hash, long offset) in model)
        {
            Assert.True(table.TryGet(hash, out long found));
            Assert.Equal(offset, found);
        }
    });

    [Fact]
    public void A_table_that_was_large_becomes_small_again()
    {
        using OffsetTable table = new();
        for (ulong i = 0; i < 100_000; i++) table.Set(i, 1);
        long largeBytes = table.SizeBytes;

        for (ulong i = 0; i < 100_000; i++) Assert.True(table.Remove(i));

        Assert.InRange(table.SizeBytes, 1, largeBytes / 1000);
    }

    [Fact]
    public void The_mark_of_a_free_slot_is_refused()
    {
        using OffsetTable table = new();

        Assert.Throws<ArgumentOutOfRangeException>(() => table.Set(1, long.MinValue));

        Assert.Equal(0, table.Count);
    }
}

// Intsets against a sorted set of numbers, and against the bytes that the RDB format wants.

using System.Buffers.Binary;
using Xunit;

namespace Valkey.Structures.Tests;

public sealed class IntsetTests
{
    private static readonly long[] s_edges =
    [
        0, 1, -1, short.MaxValue, short.MinValue, short.MaxValue + 1L, short.MinValue - 1L, int.MaxValue, int.MinValue,
        int.MaxValue + 1L, int.MinValue - 1L, long.MaxValue, long.MinValue,
        (1 << 23) - 1, 1 << 23, -(1 << 23), -(1 << 23) - 1,
    ];

    [Fact]
    public void An_empty_intset_is_eight_bytes()
    {
        using MemoryBalance balance = new();
        Intset intset = Intset.Create();

        Assert.Equal([2, 0, 0, 0, 0, 0, 0, 0], Saved(intset));
        Assert.False(intset.Contains(0));
        intset.Free();
    }

    [Theory]
    [InlineData(new long[] { 3, 1, 2 }, "02000000030000000100020003 00")]
    [InlineData(new long[] { 1, 65536 }, "04000000020000000100000000000100")]
    [InlineData(new long[] { 1, -65536 }, "04000000020000000000FFFF01000000")]
    [InlineData(new long[] { -1, 4294967296 }, "0800000002000000FFFFFFFFFFFFFFFF0000000001000000")]
    public void Its_bytes_are_those_of_the_file_format(long[] members, string expected)
    {
        Intset intset = Intset.Create();
        foreach (long member in members) intset = intset.Add(member, out _);

        Assert.Equal(expected.Replace(" ", "", StringComparison.Ordinal), Convert.ToHexString(Saved(intset)));
        intset.Free();
    }

    [Theory]
    [InlineData(1_000_000, 8 + (100 * 3))]
    [InlineData(-1_000_000, 8 + (100 * 3))]
    [InlineData(10_000_000, 8 + (100 * 4))]
    public void Numbers_up_to_eight_million_take_three_bytes_each_and_four_when_saved(int first, int expectedBytes)
    {
        using MemoryBalance balance = new();
        Intset intset = Intset.Create();
        for (int i = 0; i < 100; i++) intset = intset.Add(first + i, out _);

        Intset loaded = Intset.From(Saved(intset));

        Assert.Equal(expectedBytes, intset.TotalBytes);
        Assert.Equal(expectedBytes, loaded.TotalBytes);
        Assert.Equal(8 + (100 * 4), Saved(intset).Length);
        Assert.Equal(8 + (100 * 4), intset.SavedBytes);
        for (int i = 0; i < 100; i++) Assert.Equal(first + i, loaded[i]);
        intset.Free();
        loaded.Free();
    }

    [Fact]
    public void Any_sequence_of_changes_leaves_what_a_sorted_set_would_hold() => Seeded.Check(200, random =>
    {
        using MemoryBalance balance = new();
        SortedSet<long> model = [];
        Intset intset = Intset.Create();
        int widest = random.Next(1, 65);
        int changes = random.Next(1, 600);
        for (int i = 0; i < changes; i++)
        {
            long value = Draw(random, widest);
            switch (random.Next(5))
            {
                case 0 or 1 or 2:
                    intset = intset.Add(value, out bool isNew);
                    Assert.Equal(model.Add(value), isNew);
                    break;
                case 3:
                    intset = intset.Remove(value, out bool wasMember);
                    Assert.Equal(model.Remove(value), wasMember);
                    break;
                default:
                    if (model.Count == 0) break;
                    int index = random.Next(model.Count);
                    long victim = intset[index];
                    intset = intset.RemoveAt(index);
                    Assert.True(model.Remove(victim));
                    break;
            }

            Assert.Equal(model.Contains(value), intset.Contains(value));
        }

        AssertIs(model, intset);
        intset.Free();
    });

    [Fact]
    public void Every_pair_of_widths_is_widened_without_loss()
    {
        foreach (long first in s_edges)
        {
            foreach (long second in s_edges)
            {
                Intset intset = Intset.Create().Add(first, out _).Add(second, out _);
                AssertIs([first, second], intset);
                intset.Free();
            }
        }
    }

    [Fact]
    public void A_copy_is_the_same_and_independent() => Seeded.Check(20, random =>
    {
        using MemoryBalance balance = new();
        Intset intset = Intset.Create();
        for (int i = 0; i < 100; i++) intset = intset.Add(random.Next(), out _);

        Intset copy = intset.Copy();
        Intset loaded = Intset.From(Saved(intset));
        Assert.Equal(Saved(intset), Saved(copy));
        Assert.Equal(Saved(intset), Saved(loaded));

        copy = copy.Add(-1, out _);
        Assert.False(intset.Contains(-1));
        intset.Free();
        copy.Free();
        loaded.Free();
    });

    [Fact]
    public void A_member_that_is_not_there_cannot_be_read()
    {
        Intset intset = Intset.Create().Add(5, out _);

        Assert.Throws<ArgumentOutOfRangeException>(() => intset[1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => intset[-1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => intset.RemoveAt(1));
        intset.Free();
    }

    [Fact]
    public void Only_what_is_an_intset_is_valid()
    {
        byte[] good = Bytes(2, 2, 1, 0, 2, 0);
        Assert.True(Intset.IsValid(good, deep: true));

        Assert.False(Intset.IsValid([], deep: false));
        Assert.False(Intset.IsValid(good.AsSpan(0, 7), deep: false));
        Assert.False(Intset.IsValid(good.AsSpan(0, 11), deep: false));
        Assert.False(Intset.IsValid(Bytes(2, 0), deep: false));
        Assert.False(Intset.IsValid(Bytes(3, 2, 1, 0, 2, 0, 3, 0), deep: false));
        Assert.False(Intset.IsValid(Bytes(0, 2), deep: false));
        Assert.False(Intset.IsValid(Bytes(2, 0x80000001, 1, 0), deep: false));
        Assert.False(Intset.IsValid(Bytes(8, 0x20000000), deep: false));
    }

    [Fact]
    public void Members_out_of_order_or_twice_are_found_when_looked_for_deeply()
    {
        byte[] twice = Bytes(2, 2, 1, 0, 1, 0);
        byte[] descending = Bytes(2, 2, 2, 0, 1, 0);

        Assert.True(Intset.IsValid(twice, deep: false));
        Assert.False(Intset.IsValid(twice, deep: true));
        Assert.True(Intset.IsValid(descending, deep: false));
        Assert.False(Intset.IsValid(descending, deep: true));
    }

    [Fact]
    public void Damaged_bytes_are_refused_or_safe_to_use() => Seeded.Check(500, random =>
    {
        using MemoryBalance balance = new();
        Intset original = Intset.Create();
        for (int i = random.Next(1, 50); i > 0; i--) original = original.Add(Draw(random, random.Next(1, 65)), out _);
        byte[] bytes = Saved(original);
        original.Free();
        for (int i = random.Next(1, 4); i > 0; i--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        if (random.Next(3) == 0) bytes = bytes[..random.Next(bytes.Length)];
        if (!Intset.IsValid(bytes, deep: false)) return;

        Intset damaged = Intset.From(bytes);
        for (int i = 0; i < 20 && damaged.Count > 0; i++)
        {
            long value = Draw(random, 64);
            damaged = random.Next(2) == 0 ? damaged.Add(value, out _) : damaged.Remove(damaged[random.Next(damaged.Count)], out _);
        }

        damaged.Free();
    });

    private static long Draw(Random random, int bits) =>
        random.Next(10) == 0 ? s_edges[random.Next(s_edges.Length)] : random.NextInt64() >> (64 - bits);

    private static byte[] Saved(Intset intset)
    {
        NativeBuffer scratch = default;
        byte[] saved = intset.ReadSaved(ref scratch).ToArray();
        scratch.Dispose();
        return saved;
    }

    private static byte[] Bytes(uint width, uint count, params byte[] members)
    {
        byte[] bytes = new byte[8 + members.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, width);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), count);
        members.CopyTo(bytes, 8);
        return bytes;
    }

    private static void AssertIs(SortedSet<long> model, Intset intset)
    {
        Assert.Equal(model.Count, intset.Count);
        int index = 0;
        foreach (long member in model) Assert.Equal(member, intset[index++]);
        Assert.True(model.Count == 0 || Intset.IsValid(Saved(intset), deep: true));
        if (model.Count == 0) return;

        Assert.Equal(model.Min, intset.Min);
        Assert.Equal(model.Max, intset.Max);
    }
}

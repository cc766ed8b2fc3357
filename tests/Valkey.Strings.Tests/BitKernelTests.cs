// The vectorised loops over bits against models that look at one bit after the other. Lengths run over the borders of
// vectors and of the rounds in which byte sums must not overflow; every failure names the seed.

using Xunit;

namespace Valkey.Strings.Tests;

public sealed class BitKernelTests
{
    public static TheoryData<int> Seeds => new(1, 2, 3, 4, 5, 6, 7, 8);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Counting_agrees_with_counting_one_by_one(int seed)
    {
        Random random = new(seed);
        for (int round = 0; round < 200; round++)
        {
            byte[] bytes = Some(random, random.Next(0, 5000));
            Assert.True(CountSlowly(bytes, 0, (bytes.Length * 8L) - 1) == BitCount.Count(bytes), $"seed {seed}, round {round}");
        }
    }

    [Fact]
    public void Counting_many_full_bytes_does_not_overflow()
    {
        byte[] bytes = new byte[100_003];
        bytes.AsSpan().Fill(0xFF);

        Assert.Equal(800_024, BitCount.Count(bytes));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Counting_a_range_agrees_with_counting_one_by_one(int seed)
    {
        Random random = new(seed);
        for (int round = 0; round < 500; round++)
        {
            byte[] bytes = Some(random, random.Next(1, 300));
            long first = random.Next(bytes.Length * 8);
            long last = random.NextInt64(first, bytes.Length * 8);
            Assert.True(
                CountSlowly(bytes, first, last) == BitCount.Count(bytes, first, last), $"seed {seed}, {first} to {last}");
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Searching_agrees_with_searching_one_by_one(int seed)
    {
        Random random = new(seed);
        for (int round = 0; round < 2000; round++)
        {
            bool isSet = random.Next(2) == 1;
            byte[] bytes = new byte[random.Next(1, 200)];
            bytes.AsSpan().Fill(isSet ? (byte)0 : (byte)0xFF);
            for (int i = random.Next(4); i > 0; i--) bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            long first = random.Next(bytes.Length * 8);
            long last = random.NextInt64(first, bytes.Length * 8);

            long found = BitSearch.FindFirst(bytes, isSet, first, last);

            Assert.True(FindSlowly(bytes, isSet, first, last) == found, $"seed {seed}, round {round}, {first} to {last}");
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Combining_agrees_with_combining_byte_by_byte(int seed)
    {
        Random random = new(seed);
        for (int round = 0; round < 200; round++)
        {
            byte[] source = Some(random, random.Next(0, 400));
            byte[] target = Some(random, source.Length + random.Next(0, 100));
            Check<BitAnd>(target, source, static (a, b) => a & b, seed);
            Check<BitOr>(target, source, static (a, b) => a | b, seed);
            Check<BitXor>(target, source, static (a, b) => a ^ b, seed);

            byte[] inverted = [.. target];
            Bitwise.Invert(inverted);
            for (int i = 0; i < target.Length; i++) inverted[i] ^= 0xFF;
            Assert.Equal(target, inverted);
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_field_reads_what_was_written_and_leaves_its_neighbours_alone(int seed)
    {
        Random random = new(seed);
        for (int round = 0; round < 3000; round++)
        {
            bool isSigned = random.Next(2) == 1;
            int width = random.Next(1, isSigned ? 65 : 64);
            BitField field = new(random.Next(0, 100), width, isSigned);
            byte[] bytes = Some(random, (int)((field.Offset + width + 7) / 8) + random.Next(3));
            byte[] before = [.. bytes];
            int unused = 64 - width;
            ulong bits = (ulong)random.NextInt64(long.MinValue, long.MaxValue) << unused;
            long value = isSigned ? (long)bits >> unused : (long)(bits >> unused);

            field.Write(bytes, value);

            Assert.True(value == field.Read(bytes), $"seed {seed}, {field}");
            for (long bit = 0; bit < bytes.Length * 8L; bit++)
            {
                bool isInside = bit >= field.Offset && bit < field.Offset + width;
                bool expected = isInside ? (value >> (int)(field.Offset + width - 1 - bit) & 1) != 0 : IsSet(before, bit);
                if (expected != IsSet(bytes, bit)) Assert.Fail($"seed {seed}, {field}, bit {bit}");
            }
        }
    }

    private static void Check<TOperator>(byte[] target, byte[] source, Func<int, int, int> model, int seed)
        where TOperator : struct, IBitOperator
    {
        byte[] result = [.. target];
        Bitwise.Combine<TOperator>(result, source);
        for (int i = 0; i < target.Length; i++)
        {
            int expected = i < source.Length ? model(target[i], source[i]) : target[i];
            if (expected != result[i]) Assert.Fail($"seed {seed}, {typeof(TOperator).Name}, byte {i}");
        }
    }

    private static byte[] Some(Random random, int length)
    {
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private static bool IsSet(ReadOnlySpan<byte> bytes, long bit) => (bytes[(int)(bit / 8)] & (0x80 >> (int)(bit % 8))) != 0;

    private static long CountSlowly(byte[] bytes, long first, long last)
    {
        long count = 0;
        for (long bit = first; bit <= last; bit++) count += IsSet(bytes, bit) ? 1 : 0;
        return count;
    }

    private static long FindSlowly(byte[] bytes, bool isSet, long first, long last)
    {
        for (long bit = first; bit <= last; bit++)
        {
            if (IsSet(bytes, bit) == isSet) return bit;
        }

        return -1;
    }
}

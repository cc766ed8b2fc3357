using System.Text;
using Xunit;

namespace Valkey.Structures.Tests;

public sealed class KeyHashTests
{
    [Fact]
    public void The_same_seed_gives_the_same_hashes_and_another_seed_others()
    {
        byte[] key = Encoding.ASCII.GetBytes("user:1000:name");
        try
        {
            KeyHash.Seed("0123456789abcdef"u8);
            ulong first = KeyHash.Of(key);
            KeyHash.Seed("fedcba9876543210"u8);
            ulong second = KeyHash.Of(key);
            KeyHash.Seed("0123456789abcdef"u8);

            Assert.Equal(first, KeyHash.Of(key));
            Assert.NotEqual(first, second);
        }
        finally
        {
            KeyHash.Seed(Seeded.Bytes(Random.Shared, KeyHash.SeedBytes));
        }
    }

    [Fact]
    public void The_hash_depends_on_content_and_length_but_not_on_the_address() => Seeded.Check(3, random =>
    {
        byte[] buffer = Seeded.Bytes(random, 600);
        for (int length = 0; length < 300; length++)
        {
            int offset = random.Next(16);
            byte[] copy = buffer.AsSpan(offset, length).ToArray();
            Assert.Equal(KeyHash.Of(copy), KeyHash.Of(buffer.AsSpan(offset, length)));
            Assert.NotEqual(KeyHash.Of(copy), KeyHash.Of(buffer.AsSpan(offset, length + 1)));
        }
    });

    [Fact]
    public void Every_bit_of_every_byte_matters() => Seeded.Check(3, random =>
    {
        for (int length = 1; length < 200; length++)
        {
            byte[] key = Seeded.Bytes(random, length);
            ulong hash = KeyHash.Of(key);
            for (int bit = 0; bit < length * 8; bit++)
            {
                key[bit / 8] ^= (byte)(1 << (bit % 8));
                Assert.NotEqual(hash, KeyHash.Of(key));
                key[bit / 8] ^= (byte)(1 << (bit % 8));
            }
        }
    });

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(40)]
    [InlineData(100)]
    public void One_changed_bit_changes_half_of_the_hash(int length) => Seeded.Check(2, random =>
    {
        const int Trials = 4_000;
        int[] flips = new int[64];
        for (int trial = 0; trial < Trials; trial++)
        {
            byte[] key = Seeded.Bytes(random, length);
            ulong hash = KeyHash.Of(key);
            int bit = random.Next(length * 8);
            key[bit / 8] ^= (byte)(1 << (bit % 8));
            ulong changed = hash ^ KeyHash.Of(key);
            for (int i = 0; i < 64; i++) flips[i] += (int)(changed >> i) & 1;
        }

        // Half of the trials, six standard deviations (32 each) to either side.
        foreach (int flipped in flips) Assert.InRange(flipped, (Trials / 2) - 190, (Trials / 2) + 190);
    });

    [Theory]
    [InlineData("key:{0:D12}")]
    [InlineData("{0}")]
    [InlineData("user:{0}:profile:settings:a-rather-long-tail-of-a-key-that-takes-the-long-way")]
    public void Keys_that_count_up_spread_evenly(string format)
    {
        const int KeyCount = 200_000;
        HashSet<ulong> seen = [];
        int[] byLowBits = new int[1024];
        int[] byTopByte = new int[256];
        for (int i = 0; i < KeyCount; i++)
        {
            ulong hash = KeyHash.Of(Encoding.ASCII.GetBytes(string.Format(null, format, i)));
            Assert.True(seen.Add(hash), "two of 200,000 keys have the same 64 bits");
            byLowBits[hash & 1023]++;
            byTopByte[hash >> 56]++;
        }

        AssertEven(byLowBits, KeyCount);
        AssertEven(byTopByte, KeyCount);
    }

    private static void AssertEven(int[] counts, int total)
    {
        double mean = (double)total / counts.Length;
        double chiSquare = counts.Sum(count => (count - mean) * (count - mean) / mean);
        double freedom = counts.Length - 1;
        Assert.True(chiSquare < freedom + (6 * Math.Sqrt(2 * freedom)), $"chi square {chiSquare} of {freedom}");
    }
}

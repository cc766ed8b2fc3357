using System.Text;
using Xunit;

namespace Valkey.Structures.Tests;

public sealed class LzfTests
{
    [Fact]
    public void What_is_compressed_comes_back() => Seeded.Check(40, random =>
    {
        byte[] content = RandomContent(random, random.Next(1, 20_000));
        byte[] compressed = new byte[content.Length + (content.Length / 32) + 1];

        int length = Lzf.Compress(content, compressed);

        Assert.InRange(length, 1, compressed.Length);
        Assert.Equal(content, ReferenceDecompress(compressed.AsSpan(0, length)));
        byte[] back = new byte[content.Length];
        Assert.True(Lzf.TryDecompress(compressed.AsSpan(0, length), back));
        Assert.Equal(content, back);
        Assert.False(Lzf.TryDecompress(compressed.AsSpan(0, length), new byte[content.Length + 1]));
        Assert.False(Lzf.TryDecompress(compressed.AsSpan(0, length), new byte[content.Length - 1]));
    });

    [Fact]
    public void A_target_that_is_too_short_is_never_overrun() => Seeded.Check(20, random =>
    {
        byte[] content = RandomContent(random, random.Next(1, 3_000));
        byte[] whole = new byte[content.Length * 2];
        int length = Lzf.Compress(content, whole);
        byte[] guarded = new byte[length + 64];
        for (int room = 0; room <= length; room++)
        {
            guarded.AsSpan().Fill(0xAB);
            int written = Lzf.Compress(content, guarded.AsSpan(0, room));

            Assert.Equal(room == length ? length : 0, written);
            Assert.Equal(-1, guarded.AsSpan(room).IndexOfAnyExcept((byte)0xAB));
        }
    });

    [Fact]
    public void Runs_and_repetition_are_compressed_well()
    {
        byte[] zeroes = new byte[100_000];
        byte[] text = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("the quick brown fox; ", 1_000)));
        byte[] target = new byte[100_000];

        Assert.InRange(Lzf.Compress(zeroes, target), 1, 1_300);
        Assert.InRange(Lzf.Compress(text, target), 1, 400);
        Assert.Equal(0, Lzf.Compress([], target));
        Assert.Equal(0, Lzf.Compress(zeroes, []));
    }

    [Fact]
    public void Random_bytes_do_not_fit_into_fewer()
    {
        byte[] noise = Seeded.Bytes(new Random(1), 1_000);

        Assert.Equal(0, Lzf.Compress(noise, new byte[1_000]));
    }

    [Fact]
    public void Damaged_input_is_refused_or_decompressed_within_the_target() => Seeded.Check(30, random =>
    {
        byte[] content = RandomContent(random, random.Next(1, 500));
        byte[] compressed = new byte[1_000];
        int length = Lzf.Compress(content, compressed);
        byte[] guarded = new byte[content.Length + 400];
        for (int i = 0; i < 1_000; i++)
        {
            byte[] damaged = compressed.AsSpan(0, random.Next(1, length + 1)).ToArray();
            damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            guarded.AsSpan().Fill(0xAB);

            Lzf.TryDecompress(damaged, guarded.AsSpan(0, content.Length));

            Assert.Equal(-1, guarded.AsSpan(content.Length).IndexOfAnyExcept((byte)0xAB));
        }
    });

    [Fact]
    public void A_match_as_far_back_as_the_format_reaches_is_found()
    {
        byte[] marker = Encoding.ASCII.GetBytes("0123456789abcdefghijklmnopqrstuvwxyz");
        byte[] content = [.. marker, .. Seeded.Bytes(new Random(2), 8_192 - marker.Length), .. marker];
        byte[] target = new byte[10_000];

        int length = Lzf.Compress(content, target);

        Assert.Equal(content, ReferenceDecompress(target.AsSpan(0, length)));
    }

    private static byte[] RandomContent(Random random, int length)
    {
        byte[] content = new byte[length];
        int alphabet = random.Next(3) switch { 0 => 2, 1 => 20, _ => 256 };
        for (int i = 0; i < length; i++)
        {
            if (i > 20 && random.Next(10) == 0)
            {
                int from = random.Next(i - 10);
                int count = Math.Min(random.Next(3, 400), length - i);
                for (int j = 0; j < count; j++) content[i + j] = content[from + j];
                i += count - 1;
            }
            else
            {
                content[i] = (byte)random.Next(alphabet);
            }
        }

        return content;
    }

    /// <summary>Reads the format as its description says, byte by byte.</summary>
    private static byte[] ReferenceDecompress(ReadOnlySpan<byte> source)
    {
        List<byte> result = [];
        for (int i = 0; i < source.Length;)
        {
            int control = source[i++];
            if (control < 32)
            {
                for (int j = 0; j <= control; j++) result.Add(source[i++]);
                continue;
            }

            int length = (control >> 5) == 7 ? source[i++] + 9 : (control >> 5) + 2;
            int distance = (((control & 31) << 8) | source[i++]) + 1;
            for (int j = 0; j < length; j++) result.Add(result[^distance]);
        }

        return [.. result];
    }
}

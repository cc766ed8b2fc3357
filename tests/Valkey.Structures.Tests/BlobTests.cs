using Xunit;

namespace Valkey.Structures.Tests;

public sealed class BlobTests
{
    [Fact]
    public void A_blob_behaves_like_a_byte_array() => Seeded.Check(10, random =>
    {
        using MemoryBalance balance = new();
        byte[] model = Seeded.Bytes(random, random.Next(300));
        Blob blob = Blob.From(model);
        List<(Blob Blob, byte[] Content)> held = [];
        for (int i = 0; i < 400; i++)
        {
            Step(random, ref blob, ref model, held);
            Assert.True(blob.Span.SequenceEqual(model));
            Assert.True(blob.Capacity >= blob.Length);
        }

        foreach ((Blob other, byte[] content) in held)
        {
            Assert.True(other.Span.SequenceEqual(content)); // nobody changed it under the one who held it
            other.Release();
        }

        blob.Release();
    });

    [Fact]
    public void Greedy_growth_doubles_small_blobs_and_adds_a_megabyte_to_large_ones()
    {
        using MemoryBalance balance = new();
        Blob small = Blob.From(new byte[1000]).Grow(2000, greedy: true);
        Blob large = Blob.From(new byte[1000]).Grow(5_000_000, greedy: true);
        Blob exact = Blob.From(new byte[1000]).Grow(2000, greedy: false);

        Assert.InRange(small.Capacity, 4000, 5000);
        Assert.InRange(large.Capacity, 5_000_000 + (1 << 20), (5_000_000 + (1 << 20)) * 5 / 4);
        Assert.InRange(exact.Capacity, 2000, 2600);
        small.Release();
        large.Release();
        exact.Release();
    }

    [Fact]
    public void Compacting_gives_unused_room_back()
    {
        using MemoryBalance balance = new();
        Blob blob = Blob.From(new byte[100_000]).Truncate(10);
        nuint before = blob.MemoryBytes;

        blob = blob.Compact();

        Assert.True(before > 100_000);
        Assert.Equal(Blob.MemoryBytesFor(10), blob.MemoryBytes);
        Assert.Equal(10, blob.Length);
        blob.Release();
    }

    [Fact]
    public void Threads_that_share_a_blob_free_it_exactly_once()
    {
        using MemoryBalance balance = new();
        for (int round = 0; round < 200; round++)
        {
            Blob blob = Blob.From(new byte[500]);
            Thread[] threads = new Thread[4];
            for (int i = 0; i < threads.Length; i++)
            {
                blob.AddReference();
                threads[i] = new Thread(() => blob.Release());
            }

            foreach (Thread thread in threads) thread.Start();
            blob.Release();
            foreach (Thread thread in threads) thread.Join();
        }
    }

    private static void Step(Random random, ref Blob blob, ref byte[] model, List<(Blob Blob, byte[] Content)> held)
    {
        switch (random.Next(6))
        {
            case 0: // as a reply that is not yet sent
                blob.AddReference();
                held.Add((blob, model.ToArray()));
                break;
            case 1:
                int oldLength = model.Length;
                Array.Resize(ref model, oldLength + random.Next(2_000));
                blob = blob.Grow(model.Length, greedy: random.Next(2) == 0);
                Assert.Equal(1, blob.ReferenceCount);
                break;
            case 2:
                Array.Resize(ref model, random.Next(model.Length + 1));
                blob = blob.Truncate(model.Length);
                break;
            case 3:
                blob = blob.Compact();
                break;
            case 4:
                blob = blob.EnsureUnique();
                random.NextBytes(blob.Span);
                model = blob.Span.ToArray();
                break;
            default:
                if (blob.ReferenceCount != 1) return;
                model = Seeded.Bytes(random, random.Next((int)Math.Min(blob.Capacity, 5_000) + 1));
                blob.Overwrite(model);
                break;
        }
    }
}

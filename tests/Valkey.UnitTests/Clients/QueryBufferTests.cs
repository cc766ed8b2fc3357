// The query buffer against a list of bytes.

using Valkey.Host.Clients;
using Xunit;

namespace Valkey.UnitTests.Clients;

public sealed unsafe class QueryBufferTests
{
    [Fact]
    public void Bytes_stay_what_they_are_through_growing_consuming_and_shrinking() => Seeded.Check(200, random =>
    {
        QueryBuffer query = default;
        List<byte> model = [];
        for (int i = 0; i < 200; i++)
        {
            Step(random, ref query, model);
            Assert.Equal(model.Count, (int)query.UsedBytes);
            Assert.True(query.CapacityBytes >= query.UsedBytes);
            Assert.True(new ReadOnlySpan<byte>(query.Start, (int)query.UsedBytes).SequenceEqual(model.ToArray()));
        }

        query.Free();
        Assert.False(query.IsAllocated);
    });

    [Fact]
    public void Room_that_is_asked_for_exactly_is_given_exactly()
    {
        QueryBuffer query = default;

        query.EnsureFree(100_000, exactly: true);

        Assert.Equal(100_000, query.FreeSpace.Length);
        query.Free();
    }

    private static void Step(Random random, ref QueryBuffer query, List<byte> model)
    {
        byte[] bytes = Seeded.Bytes(random, random.Next(20) == 0 ? random.Next(100_000) : random.Next(1, 500));
        switch (random.Next(5))
        {
            case 0:
                fixed (byte* start = bytes) query.Append(start, bytes.Length);
                model.AddRange(bytes);
                break;
            case 1:
                query.EnsureFree(bytes.Length, exactly: random.Next(2) == 0);
                bytes.CopyTo(query.FreeSpace);
                query.Advance(bytes.Length);
                model.AddRange(bytes);
                break;
            case 2 when query.IsAllocated:
                query.Resize(random.Next(1, 200_000));
                break;
            default:
                int count = random.Next(model.Count + 1);
                query.Consume(count);
                model.RemoveRange(0, count);
                break;
        }
    }
}

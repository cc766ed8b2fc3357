using Xunit;

namespace Valkey.Structures.Tests;

public sealed class NamedIdsTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(10)]
    [InlineData(1000)]
    public void It_holds_what_a_sorted_set_holds(int idMax)
    {
        Seeded.Check(20, random =>
        {
            using MemoryBalance balance = new();
            byte[] name = Seeded.Bytes(random, random.Next(0, 300));
            NamedIds ids = NamedIds.Create(name);
            SortedSet<long> model = [];
            for (int step = 0; step < 2000; step++)
            {
                // Phases of growth and of shrinking, so that all sizes come and go.
                bool grows = random.Next(10) < (step / 400 % 2 == 0 ? 8 : 2);
                long id = random.NextInt64(-idMax, idMax);
                Assert.Equal(model.Contains(id), ids.Contains(id));
                if (grows) Assert.Equal(model.Add(id), ids.Add(id));
                else Assert.Equal(model.Remove(id), ids.Remove(id));
                Assert.Equal(model, ids.Ids.ToArray());
                Assert.Equal(model.Count, ids.Count);
            }

            Assert.Equal(name, ids.Name.ToArray());
            ids.Free();
        });
    }

    [Fact]
    public void With_one_number_it_is_one_allocation_of_sixteen_bytes_and_the_name()
    {
        using MemoryBalance balance = new();
        NamedIds ids = NamedIds.Create("channel-00000001"u8);
        ids.Add(7);

        Assert.Equal((long)NativeHeap.UsableSize(32), ids.MemoryBytes);
        ids.Add(8);
        Assert.True(ids.MemoryBytes > (long)NativeHeap.UsableSize(32));
        ids.Remove(7);
        Assert.Equal((long)NativeHeap.UsableSize(32), ids.MemoryBytes);
        Assert.Equal([8L], ids.Ids.ToArray());
        ids.Free();
    }

    [Fact]
    public void A_table_finds_them_by_their_names()
    {
        using MemoryBalance balance = new();
        NativeTable<NamedIdsTraits> table = NativeTable<NamedIdsTraits>.Create();
        for (int i = 0; i < 1000; i++)
        {
            byte[] name = BitConverter.GetBytes(i);
            table.Insert(NamedIds.Create(name).Address, KeyHash.Of(name));
        }

        for (int i = 0; i < 1000; i++)
        {
            byte[] name = BitConverter.GetBytes(i);
            NamedIds found = new(table.Remove(name, KeyHash.Of(name)));
            Assert.Equal(name, found.Name.ToArray());
            found.Free();
        }

        table.Free();
    }
}

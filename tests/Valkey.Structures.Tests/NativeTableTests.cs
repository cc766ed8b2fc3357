using Xunit;

namespace Valkey.Structures.Tests;

// What the table does is tested through EntryTable, its managed holder; here is what only the native form has.
public sealed class NativeTableTests
{
    [Fact]
    public void A_view_made_from_the_address_is_the_same_table()
    {
        using MemoryBalance balance = new();
        NativeTable<EntryTraits> table = NativeTable<EntryTraits>.Create();
        nint entry = Insert(table, 1);

        NativeTable<EntryTraits> again = new(table.Address);
        Insert(again, 2);

        Assert.Equal(table, again);
        Assert.True(default(NativeTable<EntryTraits>).IsNull);
        Assert.False(again.IsNull);
        Assert.Equal(2, table.Count);
        Assert.Equal(entry, again.Find(EntryTableTests.Key(1), KeyHash.Of(EntryTableTests.Key(1))));
        Freer freer = default;
        again.Free(ref freer);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(5_000)]
    public void Freeing_shows_every_entry_once_and_gives_all_memory_back(int count)
    {
        using MemoryBalance balance = new();
        long before = NativeHeap.UsedBytes;
        NativeTable<EntryTraits> table = NativeTable<EntryTraits>.Create();
        long emptyBytes = table.MemoryBytes;
        Assert.Equal(NativeHeap.UsedBytes - before, emptyBytes);
        HashSet<nint> inserted = [];
        for (int i = 0; i < count; i++) inserted.Add(Insert(table, i));

        Collector seen = new([]);
        table.Free(ref seen);

        Assert.Equal(count, seen.Entries.Count);
        Assert.True(inserted.SetEquals(seen.Entries));
        foreach (nint entry in seen.Entries) StringValue.Free(new Entry(entry));
    }

    [Fact]
    public void Reading_never_resizes_even_when_the_table_is_behind()
    {
        NativeTable<EntryTraits> table = NativeTable<EntryTraits>.Create();
        table.ResizePaused = true;
        for (int i = 0; i < 500; i++) Insert(table, i);
        table.ResizePaused = false;
        long buckets = table.BucketCount;
        ulong rngState = 7;
        Collector seen = new([]);

        for (int i = 0; i < 1_000; i++)
        {
            table.Find(EntryTableTests.Key(i), KeyHash.Of(EntryTableTests.Key(i)));
            table.Random(ref rngState);
            table.Sample(new nint[5], ref rngState);
        }

        table.ScanAll(ref seen);
        foreach (nint entry in table) seen.Visit(entry);

        Assert.Equal(buckets, table.BucketCount);
        Assert.Equal(1_000, seen.Entries.Count);
        Freer freer = default;
        table.Free(ref freer);
    }

    private static nint Insert(NativeTable<EntryTraits> table, int number)
    {
        byte[] key = EntryTableTests.Key(number);
        nint entry = Entry.CreateEmbedded(key, 0, 1, "value"u8).Address;
        table.Insert(entry, KeyHash.Of(key));
        return entry;
    }
}

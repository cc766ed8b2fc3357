using System.Runtime.InteropServices;
using System.Text;
using Xunit;

namespace Valkey.Structures.Tests;

public sealed class EntryTableTests
{
    [Fact]
    public void The_table_behaves_like_a_dictionary() => Seeded.Check(6, random =>
    {
        using MemoryBalance balance = new();
        using TableUnderTest subject = new();
        int keySpace = random.Next(1, 20_000);
        for (int phase = 0; phase < 6; phase++)
        {
            int insertPercent = random.Next(10, 90);
            TableResizing.IsPaused = random.Next(4) == 0;
            for (int i = 0; i < 20_000; i++) RandomStep(random, subject, keySpace, insertPercent);
            TableResizing.IsPaused = false;
            subject.AssertMatchesModel();
        }
    });

    [Fact]
    public void Two_hundred_thousand_entries_come_and_go_and_all_memory_comes_back()
    {
        using MemoryBalance balance = new();
        using TableUnderTest subject = new();
        for (int i = 0; i < 200_000; i++) subject.Insert(Key(i));
        subject.AssertMatchesModel();
        for (int i = 0; i < 200_000; i++) Assert.NotEqual(0, subject.Find(Key(i)));
        for (int i = 200_000; i < 400_000; i++) Assert.Equal(0, subject.Find(Key(i)));

        for (int i = 0; i < 200_000; i++) Assert.True(subject.Remove(Key(i)));

        Assert.Equal(0, subject.Table.Count);
        Assert.Equal(1, subject.Table.BucketCount);
        Assert.True(subject.Table.MemoryBytes < 4096);
    }

    [Fact]
    public void An_empty_table_costs_less_than_a_kilobyte()
    {
        using MemoryBalance balance = new();
        using EntryTable<EntryTraits> table = new();

        Assert.InRange(table.MemoryBytes, 64, 1023);
        Assert.Equal(0, table.Find("nothing"u8, KeyHash.Of("nothing"u8)));
        Assert.Equal(0, table.Remove("nothing"u8, KeyHash.Of("nothing"u8)));
    }

    [Fact]
    public void The_table_costs_14_bytes_per_entry_and_at_most_a_step_of_growth_beyond()
    {
        using TableUnderTest subject = new();
        for (int count = 1; count <= 200_000; count++)
        {
            subject.Insert(Key(count));
            if (count < 1_000 || count % 499 != 0) continue;

            double perEntry = (double)subject.Table.MemoryBytes / count;
            double allowed = (NativeHeap.IsJemalloc ? 14.0 : 15.0) + (10_000.0 / count); // a step is 8 KB
            Assert.True(perEntry <= allowed, $"{perEntry} bytes each at {count} entries");
        }
    }

    [Fact]
    public void The_memory_that_the_table_reports_is_what_the_heap_gave_it() => Seeded.Check(3, random =>
    {
        long before = NativeHeap.UsedBytes;
        using TableUnderTest subject = new();
        for (int i = 0; i < 30_000; i++)
        {
            RandomStep(random, subject, keySpace: 5_000, insertPercent: i < 20_000 ? 70 : 20);
            if (i % 1_000 == 0)
            {
                Assert.Equal(NativeHeap.UsedBytes - before, subject.Table.MemoryBytes + subject.EntryMemoryBytes());
            }
        }
    });

    [Fact]
    public void One_insert_splits_at_most_one_bucket_and_one_removal_merges_at_most_one() => Seeded.Check(2, random =>
    {
        using TableUnderTest subject = new();
        for (int i = 0; i < 40_000; i++)
        {
            long before = subject.Table.BucketCount;
            RandomStep(random, subject, keySpace: 5_000, insertPercent: i < 20_000 ? 70 : 20);
            Assert.InRange(subject.Table.BucketCount, before - 1, before + 1);
        }
    });

    [Fact]
    public void Paused_resizing_grows_only_at_twice_the_fill_and_steps_catch_up()
    {
        using TableUnderTest subject = new();
        for (int i = 0; i < 10_000; i++) subject.Insert(Key(i));
        long buckets = subject.Table.BucketCount;

        subject.Table.ResizePaused = true;
        for (int i = 10_000; i < 19_000; i++) subject.Insert(Key(i));
        Assert.Equal(buckets, subject.Table.BucketCount);
        Assert.False(subject.Table.Step(100));
        for (int i = 19_000; i < 30_000; i++) subject.Insert(Key(i));
        Assert.InRange(subject.Table.BucketCount, buckets + 1, buckets * 3 / 2);

        subject.Table.ResizePaused = false;
        buckets = subject.Table.BucketCount;
        Assert.True(subject.Table.Step(10));
        Assert.Equal(buckets + 10, subject.Table.BucketCount);
        while (subject.Table.Step(100))
        {
        }

        Assert.InRange(subject.Table.Count / (double)subject.Table.BucketCount, 6, 7);
        subject.AssertMatchesModel();
    }

    [Fact]
    public void Removals_while_resizing_is_paused_are_caught_up_with_later()
    {
        using TableUnderTest subject = new();
        for (int i = 0; i < 10_000; i++) subject.Insert(Key(i));
        long buckets = subject.Table.BucketCount;

        TableResizing.IsPaused = true;
        for (int i = 0; i < 9_990; i++) subject.Remove(Key(i));
        TableResizing.IsPaused = false;
        Assert.Equal(buckets, subject.Table.BucketCount);

        while (subject.Table.Step(7))
        {
        }

        Assert.InRange(subject.Table.BucketCount, 1, 4);
        subject.AssertMatchesModel();
    }

    [Fact]
    public void Chains_are_as_short_after_removals_as_if_built_anew() => Seeded.Check(5, random =>
    {
        using TableUnderTest worn = new();
        using TableUnderTest fresh = new();
        worn.Table.Reserve(1_000);
        fresh.Table.Reserve(1_000);
        worn.Table.ResizePaused = true;
        fresh.Table.ResizePaused = true;
        for (int i = 0; i < 30_000; i++) RandomStep(random, worn, keySpace: 2_500, insertPercent: 60);

        foreach (string key in worn.Model.Keys) fresh.Insert(Encoding.ASCII.GetBytes(key));

        Assert.Equal(fresh.Table.BucketCount, worn.Table.BucketCount);
        Assert.Equal(Chains(fresh), Chains(worn));

        static IEnumerable<long> Chains(TableUnderTest subject) =>
            subject.Table.ReadStatistics().ChainCounts.Reverse().SkipWhile(count => count == 0);
    });

    [Fact]
    public void Room_that_was_reserved_is_there()
    {
        using TableUnderTest subject = new();
        subject.Table.Reserve(10_000);
        long buckets = subject.Table.BucketCount;

        for (int i = 0; i < 10_000; i++) subject.Insert(Key(i));

        Assert.Equal(buckets, subject.Table.BucketCount);
        subject.AssertMatchesModel();
    }

    [Fact]
    public void Draining_shows_every_entry_once_and_the_table_works_in_between()
    {
        using MemoryBalance balance = new();
        using TableUnderTest subject = new();
        for (int i = 0; i < 10_000; i++) subject.Insert(Key(i));
        Collector drained = new([]);

        while (subject.Table.DrainStep(ref drained, 50))
        {
            Assert.Equal(10_000, subject.Table.Count + drained.Entries.Count);
            nint entry = subject.Table.Find(Key(1), KeyHash.Of(Key(1)));
            Assert.Equal(entry == 0, drained.Entries.Exists(e => new Entry(e).Key.SequenceEqual(Key(1))));
        }

        Assert.Equal(10_000, drained.Entries.Distinct().Count());
        Assert.Equal(0, subject.Table.Count);
        foreach (nint entry in drained.Entries) StringValue.Free(new Entry(entry));
        subject.Model.Clear();
        subject.Insert(Key(5)); // and it is as good as new
        subject.AssertMatchesModel();
    }

    [Fact]
    public void A_detached_table_has_everything_and_may_be_freed_on_another_thread()
    {
        using MemoryBalance balance = new();
        using TableUnderTest subject = new();
        for (int i = 0; i < 5_000; i++) subject.Insert(Key(i));

        EntryTable<EntryTraits> detached = subject.Table.DetachAll();

        subject.Model.Clear();
        subject.AssertMatchesModel();
        Assert.Equal(5_000, detached.Count);
        Assert.NotEqual(0, detached.Find(Key(77), KeyHash.Of(Key(77))));
        subject.Insert(Key(1));
        Thread thread = new(() =>
        {
            Freer freer = default;
            detached.Clear(ref freer);
            detached.Dispose();
        });
        thread.Start();
        thread.Join();
        subject.AssertMatchesModel();
    }

    [Fact]
    public void Statistics_add_up()
    {
        using TableUnderTest subject = new();
        for (int i = 0; i < 10_000; i++) subject.Insert(Key(i));

        EntryTableStatistics statistics = subject.Table.ReadStatistics();

        Assert.Equal(10_000, statistics.Count);
        Assert.Equal(statistics.BucketCount, statistics.ChainCounts.Sum());
        Assert.Equal(
            statistics.BucketCount + statistics.ChildBucketCount, statistics.ChainCounts.Select((n, i) => n * i).Sum());
    }

    internal static byte[] Key(int number) => Encoding.ASCII.GetBytes($"key:{number}");

    private static void RandomStep(Random random, TableUnderTest subject, int keySpace, int insertPercent)
    {
        byte[] key = Key(random.Next(keySpace));
        bool isThere = subject.Model.ContainsKey(Encoding.ASCII.GetString(key));
        Assert.Equal(isThere, subject.Find(key) != 0);
        int choice = random.Next(100);
        if (choice < insertPercent)
        {
            if (isThere) subject.Replace(key, useSlot: random.Next(2) == 0);
            else subject.Insert(key);
        }
        else if (random.Next(2) == 0)
        {
            Assert.Equal(isThere, subject.Remove(key));
        }
        else
        {
            Assert.Equal(isThere, subject.RemoveExact(key));
        }
    }
}

/// <summary>A table of entries beside the dictionary that it should equal.</summary>
internal sealed class TableUnderTest : IDisposable
{
    public EntryTable<EntryTraits> Table { get; } = new();

    public Dictionary<string, nint> Model { get; } = [];

    public nint Find(byte[] key) => Table.Find(key, KeyHash.Of(key));

    public void Insert(byte[] key)
    {
        nint entry = Entry.CreateEmbedded(key, 0, 1, "value"u8).Address;
        Table.Insert(entry, KeyHash.Of(key));
        Model.Add(Encoding.ASCII.GetString(key), entry);
    }

    public void Replace(byte[] key, bool useSlot)
    {
        ref nint held = ref CollectionsMarshal.GetValueRefOrNullRef(Model, Encoding.ASCII.GetString(key));
        nint entry = Entry.CreateEmbedded(key, 0, 1, "another value"u8).Address;
        if (useSlot)
        {
            Assert.True(Table.TryFindSlot(key, KeyHash.Of(key), out nint slot));
            Assert.Equal(held, Table.EntryAt(slot));
            Table.ReplaceAt(slot, entry);
        }
        else
        {
            Assert.True(Table.Replace(held, entry, KeyHash.Of(key)));
            Assert.False(Table.Replace(held, entry, KeyHash.Of(key)));
        }

        StringValue.Free(new Entry(held));
        held = entry;
    }

    public bool Remove(byte[] key)
    {
        nint entry = Table.Remove(key, KeyHash.Of(key));
        if (entry == 0) return false;

        Assert.True(Model.Remove(Encoding.ASCII.GetString(key), out nint expected));
        Assert.Equal(expected, entry);
        StringValue.Free(new Entry(entry));
        return true;
    }

    public bool RemoveExact(byte[] key)
    {
        if (!Model.Remove(Encoding.ASCII.GetString(key), out nint entry)) return false;

        Assert.True(Table.RemoveExact(entry, KeyHash.Of(key)));
        Assert.False(Table.RemoveExact(entry, KeyHash.Of(key)));
        StringValue.Free(new Entry(entry));
        return true;
    }

    public long EntryMemoryBytes() => Model.Values.Sum(entry => (long)new Entry(entry).MemoryBytes);

    public void AssertMatchesModel()
    {
        Assert.Equal(Model.Count, Table.Count);
        HashSet<nint> walked = [];
        foreach (nint entry in Table) Assert.True(walked.Add(entry));
        Assert.True(walked.SetEquals(Model.Values));
        foreach ((string key, nint entry) in Model) Assert.Equal(entry, Find(Encoding.ASCII.GetBytes(key)));
    }

    public void Dispose()
    {
        Freer freer = default;
        Table.Clear(ref freer);
        Table.Dispose();
    }
}

internal readonly struct Collector(List<nint> entries) : IEntryVisitor
{
    public List<nint> Entries => entries;

    public void Visit(nint entry) => entries.Add(entry);
}

internal readonly struct Freer : IEntryVisitor
{
    public void Visit(nint entry) => StringValue.Free(new Entry(entry));
}

using System.Text;
using Xunit;

namespace Valkey.Structures.Tests;

public sealed class EntryTableWalkingTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    [InlineData(12_345)]
    public void A_scan_of_a_table_at_rest_shows_everything_exactly_once(int count)
    {
        using TableUnderTest subject = new();
        for (int i = 0; i < count; i++) subject.Insert(EntryTableTests.Key(i));
        Collector seen = new([]);

        subject.Table.ScanAll(ref seen);

        Assert.Equal(count, seen.Entries.Count);
        Assert.True(seen.Entries.ToHashSet().SetEquals(subject.Model.Values));
    }

    [Fact]
    public void A_scan_takes_one_call_per_bucket()
    {
        using TableUnderTest subject = new();
        for (int i = 0; i < 1_000; i++) subject.Insert(EntryTableTests.Key(i));
        Collector seen = new([]);

        int calls = 0;
        ulong cursor = 0;
        do
        {
            cursor = subject.Table.Scan(cursor, ref seen);
            calls++;
        }
        while (cursor != 0);

        Assert.Equal(subject.Table.BucketCount, calls);
    }

    [Fact]
    public void What_stays_during_a_scan_is_seen_however_the_table_grows_and_shrinks() => Seeded.Check(60, random =>
    {
        using TableUnderTest subject = new();
        int stayingCount = random.Next(1, 2_000);
        int passingCount = random.Next(1, 6_000);
        for (int i = 0; i < stayingCount; i++) subject.Insert(EntryTableTests.Key(i));
        HashSet<nint> staying = [.. subject.Model.Values];
        HashSet<int> passing = [];
        if (random.Next(2) == 0) AddSome(random, subject, passing, stayingCount, passingCount, passingCount);

        Collector seen = new([]);
        bool isGrowing = random.Next(2) == 0;
        int callCount = 0;
        ulong cursor = 0;
        do
        {
            cursor = subject.Table.Scan(cursor, ref seen);
            if (random.Next(30) == 0) isGrowing = !isGrowing;
            int some = random.Next(40);
            if (isGrowing) AddSome(random, subject, passing, stayingCount, passingCount, some);
            else RemoveSome(subject, passing, some);
            Assert.True(++callCount < 100_000, "the scan does not end");
        }
        while (cursor != 0);

        staying.ExceptWith(seen.Entries);
        Assert.Empty(staying);
    });

    [Fact]
    public void A_visitor_may_remove_and_free_what_it_is_shown()
    {
        using MemoryBalance balance = new();
        using TableUnderTest subject = new();
        subject.Table.ResizePaused = true; // long chains, the harder case
        for (int i = 0; i < 5_000; i++) subject.Insert(EntryTableTests.Key(i));
        subject.Table.ResizePaused = false;
        RemoveOdd visitor = new(subject);

        subject.Table.ScanAll(ref visitor);

        Assert.Equal(2_500, subject.Table.Count);
        subject.AssertMatchesModel();
    }

    [Fact]
    public void A_chain_longer_than_the_scans_own_buffer_is_shown_as_a_whole()
    {
        using MemoryBalance balance = new();
        using TableUnderTest subject = new();
        int number = 0;
        for (int added = 0; added < 300; number++)
        {
            // Only keys of one bucket, for as long as there are fewer than 256 buckets.
            if ((KeyHash.Of(EntryTableTests.Key(number)) & 0xFF) != 0x55) continue;
            subject.Insert(EntryTableTests.Key(number));
            added++;
        }

        Assert.True(subject.Table.ReadStatistics().ChainCounts.Count > 30);
        Collector seen = new([]);
        subject.Table.ScanAll(ref seen);
        Assert.Equal(300, seen.Entries.Count);
        Assert.True(seen.Entries.ToHashSet().SetEquals(subject.Model.Values));

        RemoveOdd visitor = new(subject);
        subject.Table.ScanAll(ref visitor);
        subject.AssertMatchesModel();
    }

    [Fact]
    public void Random_picks_every_entry_about_as_often()
    {
        foreach (int count in new[] { 5, 60, 777 })
        {
            using TableUnderTest subject = new();
            for (int i = 0; i < count * 3 / 2; i++) subject.Insert(EntryTableTests.Key(i));
            for (int i = count; i < count * 3 / 2; i++) subject.Remove(EntryTableTests.Key(i));
            Dictionary<nint, int> picks = subject.Model.Values.ToDictionary(entry => entry, _ => 0);
            const int PicksEach = 400;
            ulong rngState = 12345;

            for (int i = 0; i < count * PicksEach; i++) picks[subject.Table.Random(ref rngState)]++;

            // 400 each with a standard deviation of 20; the chi square over all is the sharper test.
            Assert.All(picks.Values, n => Assert.InRange(n, PicksEach - 140, PicksEach + 140));
            double chiSquare = picks.Values.Sum(n => (double)(n - PicksEach) * (n - PicksEach) / PicksEach);
            Assert.True(chiSquare < count + (6 * Math.Sqrt(2.0 * count)), $"chi square {chiSquare} of {count}");
        }
    }

    [Fact]
    public void Random_reaches_every_entry_just_after_the_table_has_doubled()
    {
        using TableUnderTest subject = new();
        for (int i = 0; subject.Table.BucketCount < 1024; i++) subject.Insert(EntryTableTests.Key(i));
        HashSet<nint> missing = [.. subject.Model.Values];
        ulong rngState = 99;

        // Each entry is missed by 50 draws per entry with a probability of e^-50.
        for (long i = 0; i < subject.Table.Count * 50; i++) missing.Remove(subject.Table.Random(ref rngState));

        Assert.Empty(missing);
    }

    [Fact]
    public void Random_finds_the_last_entry_of_a_table_full_of_holes()
    {
        using TableUnderTest subject = new();
        for (int i = 0; i < 50_000; i++) subject.Insert(EntryTableTests.Key(i));
        subject.Table.ResizePaused = true;
        for (int i = 1; i < 50_000; i++) subject.Remove(EntryTableTests.Key(i));
        ulong rngState = 1;

        Assert.Equal(subject.Find(EntryTableTests.Key(0)), subject.Table.Random(ref rngState));
        Assert.Equal(1, subject.Table.Sample(new nint[10], ref rngState));
        subject.Remove(EntryTableTests.Key(0));
        Assert.Equal(0, subject.Table.Random(ref rngState));
        Assert.Equal(0, subject.Table.Sample(new nint[10], ref rngState));
    }

    [Fact]
    public void A_sample_is_of_distinct_entries_and_reaches_everything() => Seeded.Check(3, random =>
    {
        using TableUnderTest subject = new();
        int count = random.Next(1, 3_000);
        for (int i = 0; i < count; i++) subject.Insert(EntryTableTests.Key(i));
        HashSet<nint> all = [.. subject.Model.Values];
        HashSet<nint> reached = [];
        ulong rngState = (ulong)random.NextInt64();
        nint[] sample = new nint[20];

        for (int i = 0; i < count * 2; i++)
        {
            int found = subject.Table.Sample(sample, ref rngState);
            Assert.Equal(Math.Min(count, sample.Length), found);
            Assert.Equal(found, sample.AsSpan(0, found).ToArray().Distinct().Count());
            reached.UnionWith(sample.AsSpan(0, found).ToArray());
        }

        Assert.Subset(all, reached);
        Assert.True(reached.Count > all.Count * 9 / 10);
    });

    [Fact]
    public void Prefetching_changes_nothing()
    {
        using TableUnderTest subject = new();
        for (int i = 0; i < 2_000; i++)
        {
            ulong hash = KeyHash.Of(EntryTableTests.Key(i));
            subject.Table.Prefetch(hash);
            subject.Table.PrefetchEntry(hash);
            subject.Insert(EntryTableTests.Key(i));
            subject.Table.PrefetchEntry(hash);
        }

        subject.AssertMatchesModel();
    }

    private static void AddSome(
        Random random, TableUnderTest subject, HashSet<int> passing, int firstKey, int keyCount, int some)
    {
        for (int i = 0; i < some; i++)
        {
            int number = firstKey + random.Next(keyCount);
            if (passing.Add(number)) subject.Insert(EntryTableTests.Key(number));
        }
    }

    private static void RemoveSome(TableUnderTest subject, HashSet<int> passing, int some)
    {
        foreach (int number in passing.Take(some).ToArray())
        {
            passing.Remove(number);
            Assert.True(subject.Remove(EntryTableTests.Key(number)));
        }
    }

    private readonly struct RemoveOdd(TableUnderTest subject) : IEntryVisitor
    {
        public void Visit(nint entry)
        {
            byte[] key = new Entry(entry).Key.ToArray();
            int number = int.Parse(Encoding.ASCII.GetString(key)[4..], null);
            if (number % 2 == 1) subject.Remove(key);
        }
    }
}

using System.Text;
using Xunit;

namespace Valkey.Structures.Tests;

public sealed class ScoredSetTests
{
    [Fact]
    public void The_set_behaves_like_a_sorted_list() => Seeded.Check(6, random =>
    {
        using MemoryBalance balance = new();
        using SetUnderTest subject = new(random);
        for (int phase = 0; phase < 6; phase++)
        {
            int insertPercent = random.Next(10, 90);
            int scoreCount = random.Next(4) switch { 0 => 1, 1 => 5, 2 => 1_000, _ => 1_000_000 };
            for (int i = 0; i < 6_000; i++) subject.RandomStep(insertPercent, scoreCount);
            subject.AssertMatchesModel();
        }

        subject.RemoveAllOneByOne();
    });

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void Elements_that_come_in_order_fill_their_leaves(int direction)
    {
        using MemoryBalance balance = new();
        ScoredSet set = ScoredSet.Create();
        const int Count = 100_000;
        long elementBytes = (long)NativeHeap.UsableSize(8 + 4 + 8);
        for (int i = 0; i < Count; i++) Insert(set, i * direction, Member(i));

        double treeBytesEach = ((double)set.MemoryBytes / Count) - elementBytes - 14;
        set.Free();

        Assert.InRange(treeBytesEach, 10, 19); // 16.5 in full leaves
    }

    [Fact]
    public void A_thousand_members_of_twelve_bytes_take_less_than_eighty_bytes_each()
    {
        using MemoryBalance balance = new();
        long before = NativeHeap.UsedBytes;
        ScoredSet set = ScoredSet.Create();
        Random random = new(4711);
        for (int i = 0; i < 1_000; i++) Insert(set, random.Next(), Encoding.ASCII.GetBytes($"member:{i:D5}"));

        long used = NativeHeap.UsedBytes - before;
        Assert.Equal(used, set.MemoryBytes);
        Assert.InRange(used / 1_000, 40, 80);
        set.Free();
    }

    [Fact]
    public void Ranges_of_ranks_are_removed_as_a_list_removes_them() => Seeded.Check(6, random =>
    {
        using MemoryBalance balance = new();
        using SetUnderTest subject = new(random);
        for (int round = 0; round < 12; round++)
        {
            while (subject.Count < 4_000) subject.RandomStep(insertPercent: 100, scoreCount: 200);
            int first = random.Next(subject.Count);
            int count = random.Next(3) == 0 ? subject.Count - first : random.Next(subject.Count - first + 1);
            subject.RemoveRange(first, count);
            subject.AssertMatchesModel();
        }

        subject.RemoveRange(0, subject.Count);
        subject.AssertMatchesModel();
    });

    [Fact]
    public void A_copy_has_the_same_elements_and_a_life_of_its_own() => Seeded.Check(2, random =>
    {
        using MemoryBalance balance = new();
        using SetUnderTest subject = new(random);
        for (int i = 0; i < 5_000; i++) subject.RandomStep(insertPercent: 80, scoreCount: 100);

        ScoredSet copy = subject.Set.Copy();
        ScorePosition original = subject.Set.First;
        for (ScorePosition position = copy.First; !position.IsNone; position = position.Next())
        {
            Assert.Equal(original.Score, position.Score);
            Assert.True(original.Element.Member.SequenceEqual(position.Element.Member));
            Assert.NotEqual(original.Element.Address, position.Element.Address);
            original = original.Next();
        }

        Assert.True(original.IsNone);
        copy.Free();
        subject.AssertMatchesModel();
    });

    [Fact]
    public void A_set_whose_blocks_have_all_moved_is_the_same_set() => Seeded.Check(2, random =>
    {
        using MemoryBalance balance = new();
        using SetUnderTest subject = new(random);
        for (int i = 0; i < 8_000; i++) subject.RandomStep(insertPercent: 80, scoreCount: 100);

        subject.MoveAllBlocks();

        subject.AssertMatchesModel();
        for (int i = 0; i < 8_000; i++) subject.RandomStep(insertPercent: 40, scoreCount: 100);
        subject.AssertMatchesModel();
    });

    [Fact]
    public void Infinite_scores_stand_at_the_ends()
    {
        using MemoryBalance balance = new();
        ScoredSet set = ScoredSet.Create();
        Insert(set, double.PositiveInfinity, "c"u8);
        Insert(set, 0, "b"u8);
        Insert(set, double.NegativeInfinity, "a"u8);

        Assert.True(set.First.Element.Member.SequenceEqual("a"u8));
        Assert.True(set.Last.Element.Member.SequenceEqual("c"u8));
        Assert.Equal(1, set.CountBefore(new ScoreBoundary(double.NegativeInfinity, isBehind: true)));
        Assert.Equal(2, set.CountBefore(new ScoreBoundary(double.PositiveInfinity, isBehind: false)));
        Assert.True(set.At(3).IsNone);
        Assert.True(set.At(-1).IsNone);
        set.Free();
    }

    [Fact]
    public void Scanning_shows_every_member_and_drawing_shows_each_sooner_or_later()
    {
        using MemoryBalance balance = new();
        ScoredSet set = ScoredSet.Create();
        for (int i = 0; i < 500; i++) Insert(set, i, Member(i));

        Collecting visitor = new() { Seen = [] };
        ulong cursor = 0;
        do
        {
            cursor = set.Scan(cursor, ref visitor);
        }
        while (cursor != 0);

        HashSet<nint> drawn = [];
        ulong state = 1;
        for (int i = 0; i < 50_000; i++) drawn.Add(set.Random(ref state).Address);
        Assert.Equal(500, visitor.Seen.Count);
        Assert.Equal(visitor.Seen, drawn);
        set.Free();
    }

    private static byte[] Member(int number) => Encoding.ASCII.GetBytes($"{number:D8}");

    private static void Insert(ScoredSet set, double score, ReadOnlySpan<byte> member) =>
        set.Insert(score, member, KeyHash.Of(member));

    private struct Collecting : IEntryVisitor
    {
        public HashSet<nint> Seen;

        public readonly void Visit(nint entry) => Seen.Add(entry);
    }

    /// <summary>A set beside its model: a dictionary, from which the order is sorted when it is asked for.</summary>
    private sealed class SetUnderTest(Random random) : IDisposable
    {
        private readonly Dictionary<string, double> _model = [];

        public ScoredSet Set { get; private set; } = ScoredSet.Create();

        public int Count => _model.Count;

        public void RandomStep(int insertPercent, int scoreCount)
        {
            string member = random.Next(5_000).ToString("x", System.Globalization.CultureInfo.InvariantCulture);
            double score = random.Next(scoreCount) * 0.5;
            byte[] bytes = Encoding.ASCII.GetBytes(member);
            ulong hash = KeyHash.Of(bytes);
            ScoredElement element = Set.Find(bytes, hash);
            Assert.Equal(_model.TryGetValue(member, out double old), !element.IsNull);
            if (!element.IsNull) Assert.Equal(old, element.Score);

            if (random.Next(100) >= insertPercent)
            {
                Assert.Equal(_model.Remove(member), Set.Remove(bytes, hash));
                return;
            }

            if (random.Next(3) == 0) score = old + 0.001; // often stays where it is
            _model[member] = score;
            if (element.IsNull) Set.Insert(score, bytes, hash);
            else Set.SetScore(element, score);
        }

        public void RemoveRange(int first, int count)
        {
            List<(double Score, string Member)> ordered = Ordered();
            for (int i = first; i < first + count; i++) _model.Remove(ordered[i].Member);
            Set.RemoveRange(first, count);
        }

        public void RemoveAllOneByOne()
        {
            List<string> members = [.. _model.Keys];
            while (members.Count > 0)
            {
                int index = random.Next(members.Count);
                byte[] bytes = Encoding.ASCII.GetBytes(members[index]);
                Assert.True(Set.Remove(bytes, KeyHash.Of(bytes)));
                _model.Remove(members[index]);
                members[index] = members[^1];
                members.RemoveAt(members.Count - 1);
                if (members.Count % 1_000 == 0) AssertMatchesModel();
            }
        }

        public void MoveAllBlocks()
        {
            Mover mover = default;
            Set = Set.Defrag(ref mover);
        }

        public void AssertMatchesModel()
        {
            List<(double Score, string Member)> ordered = Ordered();
            Assert.Equal(ordered.Count, Set.Count);
            ScorePosition up = Set.First;
            ScorePosition down = Set.Last;
            for (int i = 0; i < ordered.Count; i++)
            {
                AssertAt(ordered[i], up);
                AssertAt(ordered[ordered.Count - 1 - i], down);
                Assert.Equal(i, Set.RankOf(up.Element));
                if (i % 7 == 0) AssertAt(ordered[i], Set.At(i));
                up = up.Next();
                down = down.Previous();
            }

            Assert.True(up.IsNone);
            Assert.True(down.IsNone);
            for (int i = 0; i < 100 && ordered.Count > 0; i++) AssertBoundary(ordered, random.Next(2) == 0);
        }

        public void Dispose() => Set.Free();

        private void AssertBoundary(List<(double Score, string Member)> ordered, bool isBehind)
        {
            double score = ordered[random.Next(ordered.Count)].Score + (random.Next(3) - 1);
            int expected = ordered.FindIndex(e => isBehind ? e.Score > score : e.Score >= score);
            if (expected < 0) expected = ordered.Count;

            ScoreBoundary boundary = new(score, isBehind);
            Assert.Equal(expected, Set.CountBefore(boundary));
            ScorePosition first = Set.Seek(boundary);
            ScorePosition before = Set.SeekBefore(boundary);
            Assert.Equal(expected == ordered.Count, first.IsNone);
            Assert.Equal(expected == 0, before.IsNone);
            if (!first.IsNone) AssertAt(ordered[expected], first);
            if (!before.IsNone) AssertAt(ordered[expected - 1], before);
            if (ordered[0].Score == ordered[^1].Score) AssertMemberBoundary(ordered, isBehind);
        }

        private void AssertMemberBoundary(List<(double Score, string Member)> ordered, bool isBehind)
        {
            string member = random.Next(5_000).ToString("x", System.Globalization.CultureInfo.InvariantCulture);
            int expected = ordered.FindIndex(e => isBehind
                ? string.CompareOrdinal(e.Member, member) > 0
                : string.CompareOrdinal(e.Member, member) >= 0);
            if (expected < 0) expected = ordered.Count;
            Assert.Equal(expected, Set.CountBefore(new MemberBoundary(Encoding.ASCII.GetBytes(member), isBehind)));
        }

        private static void AssertAt((double Score, string Member) expected, ScorePosition position)
        {
            Assert.False(position.IsNone);
            Assert.Equal(expected.Member, Encoding.ASCII.GetString(position.Element.Member));
            Assert.Equal(expected.Score, position.Score);
            Assert.Equal(expected.Score, position.Element.Score);
        }

        private List<(double Score, string Member)> Ordered()
        {
            List<(double Score, string Member)> ordered = [];
            foreach ((string member, double score) in _model) ordered.Add((score, member));
            ordered.Sort((left, right) => left.Score != right.Score
                ? left.Score.CompareTo(right.Score)
                : string.CompareOrdinal(left.Member, right.Member));
            return ordered;
        }

        private struct Mover : IBlockMover
        {
            public readonly unsafe nint Move(nint address, nuint sizeBytes)
            {
                nint moved = NativeHeap.Allocate(sizeBytes);
                new Span<byte>((void*)address, (int)sizeBytes).CopyTo(new Span<byte>((void*)moved, (int)sizeBytes));
                new Span<byte>((void*)address, (int)sizeBytes).Fill(0xEE);
                NativeHeap.Free(address, sizeBytes);
                return moved;
            }
        }
    }
}

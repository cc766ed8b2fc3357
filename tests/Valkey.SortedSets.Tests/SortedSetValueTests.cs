// A sorted set in either encoding against a plain model, while members come and go and it grows out of its listpack.

using System.Text;
using Valkey.Structures;
using Xunit;

namespace Valkey.SortedSets.Tests;

public sealed class SortedSetValueTests
{
    public static TheoryData<int> Seeds
    {
        get
        {
            TheoryData<int> seeds = [4711];
            for (int i = 0; i < 12; i++) seeds.Add(Random.Shared.Next());
            return seeds;
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void It_behaves_like_a_sorted_list_in_both_encodings(int seed)
    {
        long before = NativeHeap.UsedBytes;
        Random random = new(seed);
        Dictionary<string, double> model = [];
        SortedSetValue value = SortedSetValue.Create(0, 0);
        int memberCount = random.Next(2) == 0 ? 60 : 600; // of each kind; the first stays a listpack
        for (int i = 0; i < 4_000; i++)
        {
            Step(random, ref value, model, memberCount);
            if (i % 200 == 0) AssertMatches(value, model);
        }

        Assert.Equal(memberCount == 60, value.IsListpack);
        AssertMatches(value, model);
        value.Free();
        Assert.Equal(before, NativeHeap.UsedBytes);
    }

    [Theory]
    [InlineData(AddFlags.OnlyNew, 5, AddResult.Refused, 3)]
    [InlineData(AddFlags.OnlyExisting, 5, AddResult.Updated, 5)]
    [InlineData(AddFlags.OnlyGreater, 5, AddResult.Updated, 5)]
    [InlineData(AddFlags.OnlyGreater, 2, AddResult.Refused, 3)]
    [InlineData(AddFlags.OnlyLess, 2, AddResult.Updated, 2)]
    [InlineData(AddFlags.OnlyLess, 3, AddResult.Refused, 3)]
    [InlineData(AddFlags.Increment, 5, AddResult.Updated, 8)]
    [InlineData(AddFlags.Increment, 0, AddResult.Same, 3)]
    [InlineData(AddFlags.Increment | AddFlags.OnlyLess, 1, AddResult.Refused, 3)]
    internal void Conditions_decide_about_a_member_that_is_there(AddFlags flags, double given, AddResult expected, double left)
    {
        foreach (bool isListpack in new[] { true, false })
        {
            SortedSetValue value = SortedSetValue.Create(isListpack ? 0 : 1_000, 0);
            double score = 3;
            Assert.Equal(AddResult.Added, value.Add(ref score, "m"u8, AddFlags.None));

            score = given;
            Assert.Equal(expected, value.Add(ref score, "m"u8, flags));

            Assert.True(value.TryGetScore("m"u8, out double stored));
            Assert.Equal(left, stored);
            value.Free();
        }
    }

    [Fact]
    public void Infinities_of_both_signs_have_no_sum()
    {
        SortedSetValue value = SortedSetValue.Create(0, 0);
        double score = double.PositiveInfinity;
        value.Add(ref score, "m"u8, AddFlags.None);

        score = double.NegativeInfinity;

        Assert.Equal(AddResult.NotANumber, value.Add(ref score, "m"u8, AddFlags.Increment));
        Assert.True(value.TryGetScore("m"u8, out double stored));
        Assert.Equal(double.PositiveInfinity, stored);
        value.Free();
    }

    [Fact]
    public void A_member_too_long_for_a_listpack_converts_it()
    {
        SortedSetValue value = SortedSetValue.Create(0, 0);
        double score = 1.5;
        value.Add(ref score, "short"u8, AddFlags.None);
        Assert.True(value.IsListpack);

        value.Add(ref score, new byte[65], AddFlags.None);

        Assert.False(value.IsListpack);
        Assert.Equal(2, value.Count);
        Assert.Equal(1, value.RankOf("short"u8, out double stored));
        Assert.Equal(1.5, stored);
        value.Remove(new byte[65]);
        value.CompactIfSmall();
        Assert.True(value.IsListpack);
        Assert.Equal(0, value.RankOf("short"u8, out _));
        value.Free();
    }

    [Theory]
    [InlineData(0, -1, 10, 0, 10)]
    [InlineData(-3, -1, 10, 7, 3)]
    [InlineData(-30, 2, 10, 0, 3)]
    [InlineData(5, 100, 10, 5, 5)]
    [InlineData(5, 4, 10, 0, 0)]
    [InlineData(10, 20, 10, 0, 0)]
    [InlineData(long.MinValue, long.MaxValue, 10, 0, 10)]
    [InlineData(long.MaxValue, long.MinValue, 10, 0, 0)]
    [InlineData(0, -11, 10, 0, 0)]
    public void Ranks_are_cut_to_what_is_there(long start, long stop, long length, long first, long count) =>
        Assert.Equal(new RankRange(first, count), RankRange.Of(start, stop, length));

    [Theory]
    [InlineData(0, -1, false, 10, 5)]
    [InlineData(2, 2, false, 12, 2)]
    [InlineData(2, 2, true, 11, 2)]
    [InlineData(0, 2, true, 13, 2)]
    [InlineData(4, 9, true, 10, 1)]
    [InlineData(5, 9, false, 0, 0)]
    [InlineData(-1, 9, false, 0, 0)]
    [InlineData(1, 0, false, 11, 0)]
    [InlineData(1, -7, false, 11, 4)]
    public void A_limit_cuts_from_where_the_reply_begins(long offset, long limit, bool isReversed, long first, long count) =>
        Assert.Equal(new RankRange(first, count), new RankRange(10, 5).Limited(offset, limit, isReversed));

    private static void Step(Random random, ref SortedSetValue value, Dictionary<string, double> model, int memberCount)
    {
        string member = random.Next(3) == 0 ? $"{random.Next(memberCount)}" : $"m{random.Next(memberCount)}";
        byte[] bytes = Encoding.ASCII.GetBytes(member);
        switch (random.Next(8))
        {
            case 0 or 1:
                Assert.Equal(model.Remove(member), value.Remove(bytes));
                break;
            case 2 when value.Count > memberCount / 2:
                long count = random.Next(3) + 1;
                long first = random.NextInt64(value.Count - count);
                List<(double Score, string Member)> ordered = Ordered(model);
                for (long i = first; i < first + count; i++) model.Remove(ordered[(int)i].Member);
                value.RemoveRange(first, count);
                break;
            default:
                double score = Score(random);
                AddResult expected = !model.TryGetValue(member, out double old) ? AddResult.Added
                    : old == score ? AddResult.Same : AddResult.Updated;
                model[member] = score;
                Assert.Equal(expected, value.Add(ref score, bytes, AddFlags.None));
                break;
        }
    }

    private static double Score(Random random) => random.Next(6) switch
    {
        0 => random.NextDouble() * 1e-9,
        1 => Math.ScaleB(random.NextDouble() - 0.5, random.Next(-300, 300)),
        2 => random.NextInt64(),
        3 => random.Next(2) == 0 ? double.PositiveInfinity : double.NegativeInfinity,
        _ => random.Next(-3, 10) / 2.0,
    };

    private static void AssertMatches(in SortedSetValue value, Dictionary<string, double> model)
    {
        List<(double Score, string Member)> ordered = Ordered(model);
        Assert.Equal(ordered.Count, value.Count);
        Span<byte> scratch = stackalloc byte[IntegerText.LengthMax];
        SortedSetCursor up = value.At(0);
        SortedSetCursor down = value.At(ordered.Count - 1);
        for (int i = 0; i < ordered.Count; i++)
        {
            Assert.Equal(ordered[i].Member, Encoding.ASCII.GetString(up.Member(scratch)));
            Assert.Equal(ordered[i].Score, up.Score);
            Assert.Equal(ordered[ordered.Count - 1 - i].Member, Encoding.ASCII.GetString(down.Member(scratch)));
            Assert.Equal(i, value.RankOf(Encoding.ASCII.GetBytes(ordered[i].Member), out double score));
            Assert.Equal(ordered[i].Score, score);
            up.MoveNext();
            down.MovePrevious();
        }

        Assert.True(up.IsNone);
        Assert.True(down.IsNone);
        Assert.Equal(-1, value.RankOf("none of them"u8, out _));
    }

    private static List<(double Score, string Member)> Ordered(Dictionary<string, double> model)
    {
        List<(double Score, string Member)> ordered = [];
        foreach ((string member, double score) in model) ordered.Add((score, member));
        ordered.Sort((left, right) => left.Score != right.Score
            ? left.Score.CompareTo(right.Score)
            : string.CompareOrdinal(left.Member, right.Member));
        return ordered;
    }
}

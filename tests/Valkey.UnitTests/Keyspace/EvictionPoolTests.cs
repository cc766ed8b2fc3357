using System.Text;
using Valkey.Host.Keyspace;
using Xunit;

namespace Valkey.UnitTests.Keyspace;

public sealed class EvictionPoolTests
{
    [Fact]
    public void An_empty_pool_has_no_best_candidate() =>
        Assert.False(new EvictionPool().TryTakeBest(out int _, out ReadOnlySpan<byte> _));

    [Fact]
    public void Candidates_come_out_best_first_with_their_keys_and_databases()
    {
        EvictionPool pool = new();
        foreach (int score in new[] { 3, 1, 2 }) pool.Offer((ulong)score, score * 10, KeyOf(score));

        Assert.Equal(["30:key:3", "20:key:2", "10:key:1"], TakeAll(pool));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Of_many_offers_the_pool_keeps_the_best(int seed)
    {
        Random random = new(seed);
        int[] scores = new int[1000];
        for (int i = 0; i < scores.Length; i++) scores[i] = i;
        random.Shuffle(scores);
        EvictionPool pool = new();

        foreach (int score in scores) pool.Offer((ulong)score, 0, KeyOf(score));

        List<string> expected = [];
        for (int score = 999; score > 999 - EvictionPool.Capacity; score--) expected.Add($"0:key:{score}");
        Assert.Equal(expected, TakeAll(pool));
    }

    [Fact]
    public void Keys_longer_than_the_buffer_are_kept_whole()
    {
        EvictionPool pool = new();
        byte[] longKey = new byte[10_000];
        Array.Fill(longKey, (byte)'x');
        pool.Offer(1, 0, "short"u8);
        pool.Offer(2, 0, longKey);

        Assert.True(pool.TryTakeBest(out int _, out ReadOnlySpan<byte> best));
        Assert.True(best.SequenceEqual(longKey));
    }

    private static byte[] KeyOf(int score) => Encoding.ASCII.GetBytes($"key:{score}");

    private static List<string> TakeAll(EvictionPool pool)
    {
        List<string> taken = [];
        while (pool.TryTakeBest(out int database, out ReadOnlySpan<byte> key)) taken.Add($"{database}:{Encoding.ASCII.GetString(key)}");
        return taken;
    }
}

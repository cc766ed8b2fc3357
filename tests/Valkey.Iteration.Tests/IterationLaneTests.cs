// The lane between two threads: whatever the one withdraws or hands over while the other takes, every entry is worked on
// exactly once by somebody, and none while it is withdrawn.

using Valkey.Host.Iteration;
using Valkey.Structures;
using Xunit;

namespace Valkey.Iteration.Tests;

public sealed class IterationLaneTests
{
    private const int Capacity = 16;
    private const int EntryCount = 200_000;

    [Fact]
    public void A_lane_gives_entries_out_in_order_and_knows_where_they_are()
    {
        IterationLane lane = new(Capacity);
        for (int i = 1; i <= Capacity; i++) Assert.Equal(i - 1, lane.TryAdd(At(i), i, isOwned: i % 2 == 0, i * 10));

        Assert.Equal(-1, lane.TryAdd(At(99), 0, false, 0));
        Assert.Equal(4, lane.Find(At(5)));
        Assert.Equal(-1, lane.Find(At(6))); // owned ones are nobody's business
        Assert.True(lane.TryWithdraw(4, At(5)));
        Assert.Equal(-1, lane.Find(At(5)));
        for (int i = 1; i <= Capacity; i++)
        {
            if (i == 5) continue; // the one that was withdrawn
            Assert.True(lane.TryTake(out LaneItem item));
            Assert.Equal(new LaneItem(At(i), i, i % 2 == 0, i * 10), item);
            if (i % 2 == 1) Assert.Equal(i - 1, lane.Find(At(i)));
            Assert.False(lane.TryWithdraw(i - 1, At(i)));
            Assert.Equal(TakeOver.UnderWork, lane.TryOwn(i - 1, At(i), 0));
            lane.Complete();
            Assert.True(lane.IsCompleted(i - 1));
            Assert.Equal(TakeOver.Completed, lane.TryOwn(i - 1, At(i), 0));
        }

        Assert.False(lane.TryTake(out _));
        Assert.True(lane.IsEmpty);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Every_entry_ends_exactly_once_when_two_threads_fight_for_it(int seed)
    {
        IterationLane lane = new(Capacity);
        Random random = new(seed);
        int[] worked = new int[EntryCount + 1];
        bool[] owned = new bool[EntryCount + 1];
        bool isOver = false;
        Thread worker = new(() =>
        {
            while (!Volatile.Read(ref isOver) || !lane.IsEmpty)
            {
                if (!lane.TryTake(out LaneItem item)) continue;
                int number = (int)(item.Entry.Address / 8);
                worked[number]++;
                owned[number] = item.IsOwned;
                lane.Complete();
            }
        });
        worker.Start();

        int[] withdrawn = new int[EntryCount + 1];
        TakeOver?[] results = new TakeOver?[EntryCount + 1];
        for (int i = 1; i <= EntryCount; i++)
        {
            long position;
            while ((position = lane.TryAdd(At(i), 0, false, 0)) < 0) Thread.SpinWait(10);
            if (random.Next(3) != 0) continue;
            int victim = Math.Max(1, i - random.Next(Capacity));
            if (withdrawn[victim] > 0 || results[victim] is not null) continue;
            long found = lane.Find(At(victim));
            if (found < 0) continue;
            if (random.Next(2) == 0) withdrawn[victim] = lane.TryWithdraw(found, At(victim)) ? 1 : 0;
            else results[victim] = lane.TryOwn(found, At(victim), 1);
        }

        Volatile.Write(ref isOver, true);
        worker.Join();
        for (int i = 1; i <= EntryCount; i++)
        {
            Assert.Equal(1, worked[i] + withdrawn[i]);
            Assert.Equal(results[i] == TakeOver.Done, owned[i]);
        }
    }

    /// <summary>An address that nobody reads.</summary>
    private static Entry At(int number) => new(number * 8);
}

using Xunit;

namespace Valkey.Structures.Tests;

public sealed class NativeQueueTests
{
    [Fact]
    public void It_gives_back_what_was_put_in_in_the_same_order() => Seeded.Check(200, random =>
    {
        using MemoryBalance balance = new();
        NativeQueue<(long, int)> queue = default;
        Queue<(long, int)> model = [];
        for (int i = random.Next(1, 5_000); i > 0; i--)
        {
            if (random.Next(9) < 5)
            {
                (long, int) value = (random.NextInt64(), i);
                queue.Enqueue(in value);
                model.Enqueue(value);
            }
            else if (model.Count > 0)
            {
                Assert.Equal(model.Dequeue(), queue.Dequeue());
            }

            Assert.Equal(model.Count, queue.Count);
            if (model.Count == 0) continue;
            Assert.Equal(model.Peek(), queue.First);
            int index = random.Next(model.Count);
            Assert.Equal(model.ElementAt(index), queue[index]);
        }

        while (model.Count > 0) Assert.Equal(model.Dequeue(), queue.Dequeue());
        queue.Free();
        Assert.Equal(0, queue.SizeBytes);
    });

    [Fact]
    public void A_value_in_it_can_be_changed_in_its_place()
    {
        NativeQueue<long> queue = default;
        queue.Enqueue(1);
        queue.Enqueue(2);

        queue.Last = 5;
        queue[0] = 4;

        Assert.Equal(4, queue.Dequeue());
        Assert.Equal(5, queue.Dequeue());
        queue.Free();
    }

    [Fact]
    public void An_empty_queue_has_neither_first_nor_last()
    {
        NativeQueue<long> queue = default;

        Assert.Throws<ArgumentOutOfRangeException>(() => queue.First);
        Assert.Throws<ArgumentOutOfRangeException>(() => queue.Last);
        Assert.Throws<ArgumentOutOfRangeException>(() => queue.Dequeue());
    }

    [Fact]
    public void A_rush_leaves_no_memory_behind()
    {
        using MemoryBalance balance = new();
        NativeQueue<long> queue = default;
        for (int i = 0; i < 100_000; i++) queue.Enqueue(i);

        while (queue.Count > 0) queue.Dequeue();

        Assert.Equal(0, queue.SizeBytes);
    }
}

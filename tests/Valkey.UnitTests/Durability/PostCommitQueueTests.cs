// Tasks that wait until their offset is durable.

using Valkey.Abstractions;
using Valkey.Host.Clients;
using Valkey.Host.Durability;
using Xunit;

namespace Valkey.UnitTests.Durability;

public sealed class PostCommitQueueTests
{
    private readonly List<string> _happened = [];
    private readonly PostCommitQueue _queue;

    public PostCommitQueueTests() => _queue = new PostCommitQueue((_, exception) => _happened.Add("failed: " + exception.Message));

    [Fact]
    public void Tasks_run_in_the_order_in_which_they_came_when_their_offset_is_there()
    {
        Client client = new(1, null);
        for (int i = 0; i < 100; i++)
        {
            _queue.Add(new Note(this, $"{i}"), client);
            _queue.Settle(i * 10);
        }

        _queue.RunUpTo(345);

        Assert.Equal(Enumerable.Range(0, 35).Select(static i => $"{i}"), _happened);
        Assert.Equal(65, _queue.Count);
        Assert.Equal(65, client.PostCommitTaskCount);
    }

    [Fact]
    public void A_task_whose_command_has_not_ended_does_not_run()
    {
        _queue.Add(new Note(this, "a"), null);

        _queue.RunUpTo(1_000_000);

        Assert.Empty(_happened);
        Assert.True(_queue.HasUnsettled);
    }

    [Fact]
    public void A_client_that_goes_takes_its_tasks_along_but_not_those_that_outlive_it()
    {
        Client goes = new(1, null), stays = new(2, null);
        _queue.Add(new Note(this, "gone"), goes);
        _queue.Add(new Note(this, "stays"), stays);
        _queue.Add(new Note(this, "outlives") { Outlives = true }, goes);
        _queue.Add(new Note(this, "nobody's"), null);
        _queue.Settle(5);

        _queue.DropOf(goes);
        _queue.RunUpTo(5);

        Assert.Equal(["dropped gone", "stays", "outlives", "nobody's"], _happened);
        Assert.Equal(0, goes.PostCommitTaskCount);
        Assert.Equal(0, _queue.Count);
    }

    [Fact]
    public void A_task_that_throws_does_not_keep_the_next_from_running()
    {
        _queue.Add(new Note(this, "a") { Throws = true }, null);
        _queue.Add(new Note(this, "b"), null);
        _queue.Settle(1);

        _queue.RunUpTo(1);

        Assert.Equal(["failed: a", "b"], _happened);
    }

    [Fact]
    public void A_task_that_defers_another_does_not_run_it_early()
    {
        _queue.Add(new Note(this, "a") { Next = new Note(this, "b") }, null);
        _queue.Settle(1);

        _queue.RunUpTo(100);

        Assert.Equal(["a"], _happened);
        _queue.Settle(200);
        _queue.RunUpTo(200);
        Assert.Equal(["a", "b"], _happened);
    }

    [Fact]
    public void Giving_up_drops_them_all_once()
    {
        _queue.Add(new Note(this, "a"), null);
        _queue.Settle(1);
        _queue.Add(new Note(this, "b"), null);

        _queue.DropAll();
        _queue.RunUpTo(long.MaxValue);

        Assert.Equal(["dropped a", "dropped b"], _happened);
        Assert.False(_queue.HasUnsettled);
    }

    private sealed class Note(PostCommitQueueTests test, string text) : PostCommitTask
    {
        public bool Outlives { get; init; }

        public bool Throws { get; init; }

        public Note? Next { get; init; }

        public override bool OutlivesClient => Outlives;

        public override void Run()
        {
            if (Throws) throw new InvalidOperationException(text);
            test._happened.Add(text);
            if (Next is not null) test._queue.Add(Next, null);
        }

        public override void Drop() => test._happened.Add("dropped " + text);
    }
}

// Who waits for the background iteration and who does not, one case after the other. The consumer stands still in an entry of
// its own database, so that nothing but the gate decides.

using System.Globalization;
using Valkey.Abstractions;
using Valkey.Host.Clients;
using Valkey.Host.Iteration;
using Xunit;

namespace Valkey.Iteration.Tests;

public sealed class WriteGateTests : IDisposable
{
    private static readonly string s_large = new('L', 5000);
    private static readonly string s_small = new('s', 50);

    private readonly InProcessServer _host = new();
    private readonly InProcessClient _writer;
    private readonly InProcessClient _other;

    public WriteGateTests()
    {
        _writer = _host.Connect();
        _other = _host.Connect();
    }

    public void Dispose() => _host.Dispose();

    [Fact]
    public void A_write_to_a_small_key_goes_on_and_the_snapshot_has_the_old_value()
    {
        Fill();
        using HeldIteration iteration = Begin();

        Assert.StartsWith(":", _writer.Call("APPEND", "small", "new"), StringComparison.Ordinal);

        Assert.EndsWith(s_small + "new\r\n", _other.Call("GET", "small"), StringComparison.Ordinal);
        iteration.EndAndVerify();
    }

    [Fact]
    public void A_write_to_a_small_key_that_is_lent_goes_on_as_well()
    {
        Fill();
        using HeldIteration iteration = Begin(lendsAll: true);

        Assert.StartsWith(":", _writer.Call("APPEND", "small", "new"), StringComparison.Ordinal);
        Assert.StartsWith("+OK", _writer.Call("RENAME", "small", "renamed"), StringComparison.Ordinal);

        iteration.EndAndVerify();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_the_pace_takes_for_small_is_copied_collections_too(bool isLent)
    {
        Fill();
        FillList("list", elementCount: 250, elementBytes: 200); // 50 KB
        FillList("longer", elementCount: 400, elementBytes: 200); // 80 KB
        using HeldIteration iteration = Begin(isLent, cloneBytesMax: new IterationPace().CloneBytesMax);

        Assert.StartsWith(":", _writer.Call("APPEND", "large", "new"), StringComparison.Ordinal);
        Assert.StartsWith("+OK", _writer.Call("LSET", "list", "7", "new"), StringComparison.Ordinal);
        Assert.Equal("", _writer.Call("LSET", "longer", "7", "new"));

        Assert.True(_writer.IsHeld);
        iteration.EndAndVerify();
        Assert.Equal("+OK\r\n", Await(_writer));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_write_to_a_large_key_waits_until_the_key_was_saved_and_reads_do_not(bool isLent)
    {
        Fill();
        using HeldIteration iteration = Begin(isLent);

        Assert.Equal("", _writer.Call("APPEND", "large", "new"));

        Assert.True(_writer.IsHeld);
        Assert.Equal(1, _host.Server.Clients.WaitingCount);
        Assert.EndsWith(s_large + "\r\n", _other.Call("GET", "large"), StringComparison.Ordinal);
        Assert.StartsWith("+OK", _other.Call("SET", "another", "value"), StringComparison.Ordinal);
        iteration.EndAndVerify();
        Assert.Equal(":5003\r\n", Await(_writer));
    }

    [Fact]
    public void What_a_held_client_sent_behind_its_write_is_executed_after_it_in_order()
    {
        Fill();
        using HeldIteration iteration = Begin();

        _writer.Send("APPEND", "large", "x");
        _writer.Send("STRLEN", "large");
        _writer.Send("STRLEN", "small");
        Assert.Equal("", _writer.TakeReplies());

        iteration.EndAndVerify();
        Assert.Equal(":5001\r\n:5001\r\n:50\r\n", Await(_writer, lines: 3));
    }

    [Fact]
    public void Deleting_and_overwriting_large_keys_waits_for_nobody()
    {
        Fill();
        _writer.Call("SET", "large2", s_large);
        _writer.Call("SET", "large3", s_large, "PX", "10000000");
        _writer.Call("SET", "large4", s_large);
        using HeldIteration iteration = Begin();

        Assert.Equal(":1\r\n", _writer.Call("DEL", "large"));
        Assert.Equal("+OK\r\n", _writer.Call("SET", "large2", s_large.ToLowerInvariant()));
        Assert.Equal(":1\r\n", _writer.Call("UNLINK", "large3"));
        Assert.Equal("+OK\r\n", _writer.Call("RENAME", "small", "large4"));

        iteration.EndAndVerify();
    }

    [Fact]
    public void EXEC_waits_as_a_whole()
    {
        Fill();
        using HeldIteration iteration = Begin();
        _writer.Call("MULTI");
        _writer.Call("SET", "first", "1");
        _writer.Call("APPEND", "large", "x");

        Assert.Equal("", _writer.Call("EXEC"));

        Assert.True(_writer.IsHeld);
        Assert.Equal("$-1\r\n", _other.Call("GET", "first"));
        iteration.EndAndVerify();
        Assert.Equal("*2\r\n+OK\r\n:5001\r\n", Await(_writer, lines: 3));
    }

    [Fact]
    public void EXEC_finds_the_keys_behind_a_SELECT_of_its_own()
    {
        Fill();
        _writer.Call("SELECT", "2");
        _writer.Call("SET", "elsewhere", s_large);
        _writer.Call("SELECT", "0");
        using HeldIteration iteration = Begin();
        _writer.Call("MULTI");
        _writer.Call("SELECT", "2");
        _writer.Call("APPEND", "elsewhere", "x");

        Assert.Equal("", _writer.Call("EXEC"));

        Assert.True(_writer.IsHeld);
        iteration.EndAndVerify();
    }

    [Fact]
    public void A_client_that_waited_for_a_key_is_answered_although_its_other_key_is_not_saved()
    {
        Fill();
        for (int i = 0; i < 200; i++) _writer.Call("RPUSH", "target", s_large);
        Recording expected = Recording.Of(_host.Server);
        _writer.Send("BLMOVE", "source", "target", "LEFT", "RIGHT", "0");
        RecordingConsumer consumer = new() { Delay = static () => Thread.Sleep(20) };
        _host.Server.Iterations.Pace = new IterationPace { TargetStart = 1, TargetMin = 1, TargetMax = 1, CloneBytesMax = 512 };

        _ = _host.Server.Snapshots.Dataset.BeginIteration(consumer);
        Assert.Equal(":1\r\n", _other.Call("RPUSH", "source", "x"));

        Assert.Equal("$1\r\nx\r\n", Await(_writer, lines: 2));
        _host.TurnUntil(() => consumer.EndedComplete is not null, "the end");
        Assert.Equal("", expected.DifferencesTo(consumer.Recording));
    }

    [Fact]
    public void A_held_client_can_be_killed_and_its_write_does_not_happen()
    {
        Fill();
        using HeldIteration iteration = Begin();
        _writer.Send("APPEND", "large", "x");
        Assert.True(_writer.IsHeld);

        _host.Server.Clients.Free(_writer.Client);

        Assert.Equal(0, _host.Server.Iterations.Gate.HeldCount);
        iteration.EndAndVerify();
        Assert.Equal(":5000\r\n", _other.Call("STRLEN", "large"));
    }

    [Fact]
    public void Held_clients_go_on_when_the_iteration_is_aborted()
    {
        Fill();
        using HeldIteration iteration = Begin();
        _writer.Send("APPEND", "large", "x");

        iteration.Iteration.Abort();
        iteration.Consumer.IsHeld = false;

        _host.TurnUntil(() => iteration.Consumer.EndedComplete is not null, "the end");
        Assert.False(iteration.Consumer.EndedComplete);
        Assert.False(iteration.Consumer.Finished);
        Assert.Equal(":5001\r\n", Await(_writer));
        Assert.Null(_host.Server.Iterations.Current);
    }

    [Fact]
    public void Held_clients_go_on_when_the_consumer_fails()
    {
        Fill();
        using HeldIteration iteration = Begin(failsAfter: 1);
        _writer.Send("APPEND", "large", "x");

        iteration.Consumer.IsHeld = false;

        _host.TurnUntil(() => iteration.Consumer.EndedComplete is not null, "the end");
        Assert.False(iteration.Consumer.EndedComplete);
        Assert.Equal(":5001\r\n", Await(_writer));
    }

    [Fact]
    public void Emptied_and_exchanged_databases_are_saved_as_they_were_under_their_old_numbers()
    {
        Fill();
        _writer.Call("SELECT", "1");
        for (int i = 0; i < 100; i++) _writer.Call("SET", "one" + i.ToString(CultureInfo.InvariantCulture), s_large);
        using HeldIteration iteration = Begin();

        Assert.Equal("+OK\r\n", _writer.Call("SWAPDB", "1", "2"));
        Assert.Equal("+OK\r\n", _writer.Call("SELECT", "2"));
        Assert.Equal(":1\r\n", _writer.Call("DEL", "one5"));
        Assert.Equal("+OK\r\n", _writer.Call("FLUSHDB"));
        Assert.Equal("+OK\r\n", _writer.Call("SET", "one6", "new"));
        Assert.Equal("+OK\r\n", _writer.Call("SWAPDB", "2", "0"));
        Assert.Equal("+OK\r\n", _writer.Call("FLUSHDB", "SYNC"));

        iteration.EndAndVerify();
    }

    [Fact]
    public void Everything_may_be_flushed_while_an_entry_is_being_worked_on()
    {
        Fill();
        using HeldIteration iteration = Begin(lendsAll: true);

        Assert.Equal("+OK\r\n", _writer.Call("FLUSHALL", "SYNC"));
        Assert.Equal(":0\r\n", _writer.Call("DBSIZE"));

        iteration.EndAndVerify();
    }

    [Fact]
    public void Writers_of_unsaved_keys_wait_when_clones_take_too_much_memory()
    {
        for (int i = 0; i < 200; i++) _writer.Call("SET", "key" + i.ToString(CultureInfo.InvariantCulture), new string('v', 200));
        using HeldIteration iteration = Begin(heldBytesMin: 10_000);

        int written = 0;
        while (!_writer.IsHeld && written < 200) _writer.Send("APPEND", "key" + (written++).ToString(CultureInfo.InvariantCulture), "x");

        Assert.InRange(written, 20, 60);
        Assert.InRange(_host.Server.Iterations.HeldBytes, 10_000, 11_000);
        iteration.EndAndVerify();
        _host.TurnUntil(() => !_writer.IsHeld, "the writer goes on");
        Assert.InRange(iteration.Iteration.CloneBytesPeak, 10_000, 11_000);
    }

    [Fact]
    public void One_iteration_at_a_time()
    {
        Fill();
        using HeldIteration iteration = Begin();

        InvalidOperationException refusal = Assert.Throws<InvalidOperationException>(
            () => _host.Server.Snapshots.Dataset.BeginIteration(new RecordingConsumer()));

        Assert.Contains("already", refusal.Message, StringComparison.Ordinal);
        iteration.EndAndVerify();
        using HeldIteration next = Begin();
        next.EndAndVerify();
    }

    [Fact]
    public void It_can_be_told_which_keys_were_sent()
    {
        Fill();
        using HeldIteration iteration = Begin();
        BackgroundIteration running = _host.Server.Iterations.Current!;
        Host.Keyspace.Database database = _host.Server.Databases[0];

        Assert.False(running.IsSent(database.Find("small"u8)));
        _writer.Call("APPEND", "small", "x");
        Assert.True(running.IsSent(database.Find("small"u8)));
        Assert.True(running.IsSent(_host.Server.Databases[3].Find("first"u8)));

        iteration.EndAndVerify();
    }

    [Fact]
    public void An_empty_dataset_is_iterated_at_once()
    {
        RecordingConsumer consumer = new();

        _ = _host.Server.Snapshots.Dataset.BeginIteration(consumer);

        _host.TurnUntil(() => consumer.EndedComplete is not null, "the end");
        Assert.True(consumer.EndedComplete);
        Assert.Equal(0, consumer.Recording.Count);
    }

    /// <summary>A small and a large key in database 0; in database 3 one that the consumer will stand still in.</summary>
    private void Fill()
    {
        _writer.Call("SELECT", "3");
        _writer.Call("SET", "first", "1");
        _writer.Call("SELECT", "0");
        _writer.Call("SET", "small", s_small);
        _writer.Call("SET", "large", s_large);
    }

    private void FillList(string key, int elementCount, int elementBytes)
    {
        for (int i = 0; i < elementCount; i++) _writer.Call("RPUSH", key, new string('e', elementBytes));
    }

    /// <summary>Begins an iteration whose consumer stands still in the first entry that it gets.</summary>
    private HeldIteration Begin(bool lendsAll = false, int failsAfter = int.MaxValue, long heldBytesMin = 8 << 20, long cloneBytesMax = 512)
    {
        Recording expected = Recording.Of(_host.Server);
        RecordingConsumer consumer = new() { IsHeld = true, FailsAfter = failsAfter };
        int target = lendsAll ? 1000 : 0;
        IterationPace pace = new()
        {
            TargetStart = target,
            TargetMin = target,
            TargetMax = target,
            HeldBytesMin = heldBytesMin,
            HeldShareOfMemory = 0,
            CloneBytesMax = cloneBytesMax,
        };
        _host.Server.Iterations.Pace = pace;
        IBackgroundIteration iteration = _host.Server.Snapshots.Dataset.BeginIteration(consumer);
        _host.Turn();

        // Without a target nothing is lent by itself: a key of the last database is written to, and so goes into the queue.
        _ = _other.Call("SELECT", "3");
        _ = _other.Call("APPEND", "first", "x");
        _ = _other.Call("SELECT", "0");
        if (expected.Has(3, "first") || lendsAll) _host.TurnUntil(() => consumer.Working is not null, "the consumer works");
        return new HeldIteration(_host, expected, consumer, iteration, pace);
    }

    private string Await(InProcessClient client, int lines = 1)
    {
        string replies = "";
        _host.TurnUntil(
            () =>
            {
                replies += client.TakeReplies();
                return replies.Split("\r\n").Length > lines;
            },
            "the reply");
        Assert.False(client.Client.Has(ClientFlags.HeldByIteration));
        return replies;
    }

    private sealed record HeldIteration(
        InProcessServer Host, Recording Expected, RecordingConsumer Consumer, IBackgroundIteration Iteration, IterationPace Pace) : IDisposable
    {
        public void EndAndVerify()
        {
            Consumer.IsHeld = false;
            Pace.TargetMax = Pace.TargetMin = 100;
            Host.TurnUntil(() => Consumer.EndedComplete is not null, "the end");
            Assert.True(Consumer.EndedComplete);
            Assert.Equal("", Expected.DifferencesTo(Consumer.Recording));
        }

        public void Dispose() => Consumer.IsHeld = false;
    }
}

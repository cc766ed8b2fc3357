// What a command leaves behind beside its reply: how often it counts as a change, what it announces and what is propagated.

using Valkey.Abstractions;
using Xunit;

namespace Valkey.Lists.Tests;

public sealed class AfterEffectTests : IDisposable
{
    private readonly ListServer _server = new();

    public void Dispose() => _server.Dispose();

    [Theory]
    [InlineData("RPUSH new a b", 2, "List:rpush:new")]
    [InlineData("LPUSH new a", 1, "List:lpush:new")]
    [InlineData("LPUSHX new a", 0, "")]
    [InlineData("RPUSHX abc d e", 2, "List:rpush:abc")]
    [InlineData("LPOP abc", 1, "List:lpop:abc")]
    [InlineData("RPOP abc 2", 2, "List:rpop:abc")]
    [InlineData("RPOP abc 9", 3, "List:rpop:abc Generic:del:abc")]
    [InlineData("RPOP abc 0", 0, "")]
    [InlineData("LINSERT abc BEFORE b x", 1, "List:linsert:abc")]
    [InlineData("LINSERT abc BEFORE none x", 0, "")]
    [InlineData("LSET abc 1 x", 1, "List:lset:abc")]
    [InlineData("LREM abc 0 b", 1, "List:lrem:abc")]
    [InlineData("LREM abc 0 none", 0, "")]
    [InlineData("LREM one 0 x", 1, "List:lrem:one Generic:del:one")]
    [InlineData("LTRIM abc 1 1", 2, "List:ltrim:abc")]
    [InlineData("LTRIM abc 0 -1", 0, "List:ltrim:abc")]
    [InlineData("LTRIM abc 5 9", 3, "List:ltrim:abc Generic:del:abc")]
    [InlineData("LMOVE abc one LEFT RIGHT", 1, "List:rpush:one List:lpop:abc")]
    [InlineData("LMOVE one abc LEFT LEFT", 1, "List:lpush:abc List:lpop:one Generic:del:one")]
    [InlineData("LMOVE one one LEFT RIGHT", 1, "List:rpush:one List:lpop:one")]
    [InlineData("RPOPLPUSH abc new", 1, "List:lpush:new List:rpop:abc")]
    [InlineData("SORT abc ALPHA STORE new", 3, "List:sortstore:new")]
    [InlineData("SORT none STORE abc", 1, "Generic:del:abc")]
    [InlineData("SORT abc ALPHA", 0, "")]
    public void A_command_counts_and_announces_its_changes(string command, int dirty, string events)
    {
        Seed();

        _server.Run(command.Split(' '));

        Assert.Equal(dirty, _server.Dirty);
        Assert.Equal(events, string.Join(' ', _server.Events));
        Assert.Empty(_server.Propagated);
        Assert.Equal(dirty > 0, _server.IsCommandPropagated);
    }

    [Theory]
    [InlineData("BLPOP none abc 1", "LPOP abc")]
    [InlineData("BRPOP abc 1", "RPOP abc")]
    [InlineData("BLMPOP 1 2 none abc LEFT COUNT 2", "LPOP abc 2")]
    [InlineData("BLMPOP 1 1 abc RIGHT COUNT 20", "RPOP abc 3")]
    [InlineData("LMPOP 1 abc RIGHT COUNT 20", "RPOP abc 3")]
    [InlineData("BLMOVE abc one LEFT RIGHT 1", "LMOVE abc one LEFT RIGHT")]
    [InlineData("BRPOPLPUSH abc one 1", "RPOPLPUSH abc one")]
    public void What_waits_is_propagated_as_what_it_did(string command, string propagated)
    {
        Seed();

        _server.Run(command.Split(' '));

        Assert.Equal(propagated, Assert.Single(_server.Propagated));
        Assert.False(_server.IsCommandPropagated);
        Assert.Null(_server.Waiting);
    }

    [Theory]
    [InlineData("BLPOP none nothing 3", 1, 2, 3000, TimeoutReply.NullArray)]
    [InlineData("BLMPOP 2 2 none nothing LEFT", 3, 2, 2000, TimeoutReply.NullArray)]
    [InlineData("BLMOVE none abc LEFT RIGHT 1", 1, 1, 1000, TimeoutReply.Null)]
    [InlineData("BRPOPLPUSH none abc 0", 1, 1, 0, TimeoutReply.Null)]
    public void Without_a_list_it_waits_for_the_keys(string command, int first, int count, long timeoutMs, TimeoutReply reply)
    {
        Seed();

        string answer = _server.Run(command.Split(' '));

        Assert.Equal("", answer);
        Assert.Equal(new BlockingWait(first, count, timeoutMs, reply), _server.Waiting);
        Assert.Equal(0, _server.Dirty);
    }

    [Theory]
    [InlineData("LPUSH foreign a")]
    [InlineData("LPOP foreign")]
    [InlineData("LMPOP 2 none foreign LEFT")]
    [InlineData("BLPOP none foreign abc 1")]
    [InlineData("BLMPOP 1 1 foreign LEFT")]
    [InlineData("LMOVE foreign abc LEFT LEFT")]
    [InlineData("LMOVE abc foreign LEFT LEFT")]
    [InlineData("BLMOVE abc foreign LEFT LEFT 1")]
    [InlineData("LRANGE foreign 0 1")]
    [InlineData("LINDEX foreign 0")]
    [InlineData("LLEN foreign")]
    [InlineData("LPOS foreign a")]
    [InlineData("LSET foreign 0 a")]
    [InlineData("LINSERT foreign BEFORE a b")]
    [InlineData("LREM foreign 0 a")]
    [InlineData("LTRIM foreign 0 1")]
    public void A_key_of_another_type_is_refused_and_nothing_changes(string command)
    {
        Seed();
        _server.AddForeign("foreign");

        string reply = _server.Run(command.Split(' '));

        Assert.Equal("-WRONGTYPE Operation against a key holding the wrong kind of value\r\n", reply);
        Assert.Equal(["a", "b", "c"], _server.Elements("abc"));
        Assert.Equal(0, _server.Dirty);
        Assert.Null(_server.Waiting);
    }

    private void Seed()
    {
        _server.Run("RPUSH", "abc", "a", "b", "c");
        _server.Run("RPUSH", "one", "x");
    }
}

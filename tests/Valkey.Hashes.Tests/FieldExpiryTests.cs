// What commands that deal with the expiry of fields change, announce, count and propagate. Their replies are compared with the
// reference in the integration tests.

using Valkey.Structures;
using Xunit;

namespace Valkey.Hashes.Tests;

public sealed class FieldExpiryTests : IDisposable
{
    private readonly HashServer _server = new();
    private readonly long _usedBefore = NativeHeap.UsedBytes;

    public void Dispose()
    {
        _server.Dispose();
        Assert.Equal(_usedBefore, NativeHeap.UsedBytes);
    }

    [Theory]
    [InlineData("HEXPIRE h 10 NX FIELDS 2 a none", "HPEXPIREAT h 1010000 NX FIELDS 2 a none")]
    [InlineData("HPEXPIRE h 10 FIELDS 1 a", "HPEXPIREAT h 1000010 FIELDS 1 a")]
    [InlineData("HEXPIREAT h 2000 FIELDS 1 a", "HPEXPIREAT h 2000000 FIELDS 1 a")]
    [InlineData("HGETEX h EX 10 FIELDS 2 none a", "HPEXPIREAT h 1010000 FIELDS 1 a")]
    [InlineData("HGETEX h PXAT 1000500 FIELDS 1 a", "HPEXPIREAT h 1000500 FIELDS 1 a")]
    [InlineData("HSETEX h EX 10 FIELDS 1 a 1", "HSETEX h PXAT 1010000 FIELDS 1 a 1")]
    [InlineData("HSETEX h FXX PX 10 FIELDS 1 a 1", "HSETEX h PXAT 1000010 FIELDS 1 a 1")]
    [InlineData("HSETEX h XX PXAT 1000010 FIELDS 1 a 1", "HSETEX h PXAT 1000010 FIELDS 1 a 1")]
    public void A_time_travels_as_milliseconds_since_1970_without_conditions_that_were_met(string command, string propagated)
    {
        Run("HSET h a 1 b 2");

        Run(command);

        Assert.False(_server.IsCommandPropagated);
        Assert.Equal([propagated], _server.Propagated);
        Assert.Contains("Hash:hexpire:h", _server.Events);
        Assert.True(_server.IsTracked("h"));
        Assert.Equal("hashtable", _server.Encoding("h"));
        Assert.Equal(0, _server.ExpiredCount);
    }

    [Theory]
    [InlineData("HEXPIRE h 0 FIELDS 2 a none")]
    [InlineData("HPEXPIREAT h 5 FIELDS 1 a")]
    [InlineData("HGETEX h PX 0 FIELDS 2 a none")]
    [InlineData("HSETEX h EXAT 5 FIELDS 1 a 1")]
    public void A_time_that_is_over_deletes_the_field_and_travels_as_HDEL(string command)
    {
        Run("HSET h a 1 b 2");

        Run(command);

        Assert.Equal(["b=2@-1"], _server.Fields("h"));
        Assert.Equal("listpack", _server.Encoding("h"));
        Assert.Equal(["HDEL h a"], _server.Propagated);
        Assert.False(_server.IsCommandPropagated);
        Assert.Contains("Hash:hexpired:h", _server.Events);
        Assert.DoesNotContain("Generic:del:h", _server.Events);
        Assert.Equal(1, _server.ExpiredCount);
    }

    [Theory]
    [InlineData("HEXPIRE h 0 FIELDS 2 a b")]
    [InlineData("HGETEX h EX 0 FIELDS 2 a b")]
    [InlineData("HSETEX h EX 0 FIELDS 2 a 1 b 2")]
    [InlineData("HGETDEL h FIELDS 2 a b")]
    [InlineData("HDEL h a b c")]
    public void With_its_last_field_the_key_goes(string command)
    {
        Run("HSETEX h PX 100 FIELDS 2 a 1 b 2");

        Run(command);

        Assert.Equal([], _server.Fields("h"));
        Assert.Equal("Generic:del:h", _server.Events[^1]);
        Assert.Equal(":0\r\n", Run("HLEN h"));
    }

    [Fact]
    public void A_field_whose_time_is_over_is_not_there_for_readers()
    {
        Run("HSETEX h PX 100 FIELDS 1 a 1");
        Run("HSET h b 2");
        _server.Now += 100;
        Assert.Equal("$1\r\n1\r\n", Run("HGET h a"));

        _server.Now++;

        Assert.Equal("$-1\r\n", Run("HGET h a"));
        Assert.Equal(":0\r\n", Run("HEXISTS h a"));
        Assert.Equal(":0\r\n", Run("HSTRLEN h a"));
        Assert.Equal("*2\r\n$1\r\nb\r\n$1\r\n2\r\n", Run("HGETALL h"));
        Assert.Equal("*1\r\n:-2\r\n", Run("HTTL h FIELDS 1 a"));
        Assert.Equal("*2\r\n$1\r\n0\r\n*1\r\n$1\r\nb\r\n", Run("HSCAN h 0 NOVALUES"));
        Assert.Equal("*1\r\n$1\r\nb\r\n", Run("HRANDFIELD h 5"));
        Assert.Equal(":0\r\n", Run("HDEL h a"));
        Assert.Equal("*1\r\n:-2\r\n", Run("HPERSIST h FIELDS 1 a"));
        Assert.Equal("*1\r\n:-2\r\n", Run("HEXPIRE h 5 FIELDS 1 a"));
        Assert.Equal(":2\r\n", Run("HLEN h")); // it counts until it is taken out
    }

    [Theory]
    [InlineData("HSET h a 9", "a=9@-1")]
    [InlineData("HSETNX h a 9", "a=9@-1")]
    [InlineData("HINCRBY h a 9", "a=9@-1")]
    [InlineData("HINCRBYFLOAT h a 9", "a=9@-1")]
    [InlineData("HSETEX h KEEPTTL FIELDS 1 a 9", "a=9@-1")]
    [InlineData("HSETEX h FNX PXAT 1000500 FIELDS 1 a 9", "a=9@1000500")]
    public void Writing_over_a_field_whose_time_is_over_counts_as_its_end_and_a_new_field(string command, string expected)
    {
        Run("HSETEX h PX 100 FIELDS 1 a 1");
        _server.Now += 101;

        Run(command);

        Assert.Equal([expected], _server.Fields("h"));
        Assert.Equal("Hash:hexpired:h", _server.Events[0]);
        Assert.Equal(1, _server.ExpiredCount);
        Assert.Equal(expected != "a=9@-1", _server.IsTracked("h"));
    }

    [Theory]
    [InlineData("HINCRBY h a 9", "HSETEX h PXAT 1000100 FIELDS 1 a 10")]
    [InlineData("HINCRBY h b 9", "HSET h b 11")]
    [InlineData("HINCRBYFLOAT h a 0.5", "HSETEX h PXAT 1000100 FIELDS 1 a 1.5")]
    [InlineData("HINCRBYFLOAT h b 0.5", "HSET h b 2.5")]
    [InlineData("HSETNX h c 3", "HSET h c 3")]
    public void In_a_hash_with_expiring_fields_results_travel(string command, string propagated)
    {
        Run("HSETEX h PX 100 FIELDS 1 a 1");
        Run("HSET h b 2");

        Run(command);

        Assert.Equal([propagated], _server.Propagated);
        Assert.False(_server.IsCommandPropagated);
    }

    [Fact]
    public void Without_expiring_fields_HINCRBY_travels_as_it_is_and_HINCRBYFLOAT_as_its_result()
    {
        Run("HINCRBY h a 9");
        Assert.True(_server.IsCommandPropagated);
        Assert.Equal([], _server.Propagated);

        Run("HINCRBYFLOAT h a 0.5");
        Assert.Equal(["HSET h a 9.5"], _server.Propagated);
    }

    [Fact]
    public void KEEPTTL_over_expired_fields_sends_their_end_first()
    {
        Run("HSETEX h PX 100 FIELDS 2 a 1 b 2");
        _server.Now += 101;
        Run("HPEXPIREAT h 2000000 FIELDS 1 c");

        Run("HSETEX h KEEPTTL FIELDS 3 a 7 c 8 b 9");

        Assert.Equal(["HDEL h a b"], _server.Propagated);
        Assert.True(_server.IsCommandPropagated);
        Assert.Equal(["a=7@-1", "b=9@-1", "c=8@-1"], _server.Fields("h"));
    }

    [Theory]
    [InlineData("HPERSIST h FIELDS 2 a none", true)]
    [InlineData("HGETEX h PERSIST FIELDS 2 a none", false)]
    public void Taking_the_expiry_away_is_announced_and_ends_the_search_for_expired_fields(string command, bool travelsAsItIs)
    {
        Run("HSETEX h PX 100 FIELDS 1 a 1");

        Run(command);

        Assert.Equal(["Hash:hpersist:h"], _server.Events);
        Assert.Equal(travelsAsItIs, _server.IsCommandPropagated);
        if (!travelsAsItIs) Assert.Equal(["HPERSIST h FIELDS 1 a"], _server.Propagated);
        Assert.False(_server.IsTracked("h"));
    }

    [Theory]
    [InlineData("HPERSIST h FIELDS 1 b")]
    [InlineData("HGETEX h FIELDS 1 a")]
    [InlineData("HGETEX h PERSIST FIELDS 1 b")]
    [InlineData("HEXPIRE h 5 XX FIELDS 1 b")]
    [InlineData("HEXPIRE h 5 FIELDS 1 none")]
    [InlineData("HSETEX h FNX FIELDS 1 a 1")]
    [InlineData("HSETEX h NX FIELDS 1 c 1")]
    public void What_changes_nothing_travels_nowhere(string command)
    {
        Run("HSETEX h PX 100 FIELDS 1 a 1");
        Run("HSET h b 2");

        Run(command);

        Assert.Equal(0, _server.Dirty);
        Assert.False(_server.IsCommandPropagated);
        Assert.Equal([], _server.Propagated);
        Assert.Equal([], _server.Events);
    }

    [Fact]
    public void For_what_a_primary_sends_no_field_is_over()
    {
        _server.IsFollower = true;

        Run("HSETEX h PXAT 5 FIELDS 1 a 1");
        Assert.Equal(["a=1@5"], _server.Fields("h"));
        Assert.Equal("$1\r\n1\r\n", Run("HGET h a"));
        Assert.Equal("*1\r\n:1\r\n", Run("HPEXPIREAT h 6 FIELDS 1 a"));
        Assert.Equal(":1\r\n", Run("HDEL h a"));
        Assert.Equal(0, _server.ExpiredCount);
    }

    private string Run(string command) => _server.Run(command.Split(' '));
}

// Commands on whole strings and parts of them: replies, what they leave behind, what they propagate and notify.

using Xunit;

namespace Valkey.Strings.Tests;

public sealed class StringCommandTests : IDisposable
{
    private readonly FakeKeyspace _server = new();

    public void Dispose() => _server.Dispose();

    [Theory]
    [InlineData("123", "int")]
    [InlineData("-9223372036854775808", "int")]
    [InlineData("9223372036854775808", "embstr")]
    [InlineData("0123", "embstr")]
    [InlineData("text", "embstr")]
    [InlineData("a text that is longer than forty-four bytes is raw", "raw")]
    public void SET_chooses_the_encoding(string value, string encoding)
    {
        Assert.Equal("+OK\r\n", _server.Run("SET", "key", value));

        Assert.Equal(encoding, _server.Encoding("key"));
        Assert.Equal(Bulk(value), _server.Run("GET", "key"));
    }

    [Fact]
    public void SET_over_any_size_replies_the_last_value_only()
    {
        foreach (int length in (int[])[0, 5, 3, 44, 45, 255, 256, 254, 30_000, 29_990, 100, 0, 7])
        {
            string value = new('v', length);
            _server.Run("SET", "key", value);
            Assert.Equal(Bulk(value), _server.Run("GET", "key"));
        }
    }

    [Fact]
    public void SET_clears_the_expiry_unless_told_to_keep_it()
    {
        _server.Run("SET", "key", "one", "PX", "1000");
        _server.Run("SET", "key", "two", "KEEPTTL");
        Assert.Equal(FakeKeyspace.Now + 1000, _server.ExpiryOf("key"));

        _server.Run("SET", "key", "six");
        Assert.Equal(-1, _server.ExpiryOf("key"));
    }

    [Fact]
    public void SET_with_a_relative_expiry_is_propagated_with_the_moment()
    {
        _server.Run("SET", "key", "value", "EX", "10", "NX");

        Assert.Equal($"SET key value PXAT {FakeKeyspace.Now + 10_000}", _server.Propagated);
        Assert.Equal(["String:set:key", "Generic:expire:key"], _server.Events);
    }

    [Fact]
    public void SET_with_GET_is_propagated_without_it()
    {
        _server.Run("SET", "key", "value", "get", "XX", "GET");
        Assert.Null(_server.Propagated);

        _server.Run("SET", "key", "value", "get", "NX", "GET");
        Assert.Equal("SET key value NX", _server.Propagated);
    }

    [Fact]
    public void SET_with_a_moment_in_the_past_deletes()
    {
        _server.Run("SET", "key", "value");

        Assert.Equal("+OK\r\n", _server.Run("SET", "key", "other", "PXAT", "1"));

        Assert.Equal("UNLINK key", _server.Propagated);
        Assert.Equal(["Expired:expired:key"], _server.Events);
        Assert.Equal("$-1\r\n", _server.Run("GET", "key"));
    }

    [Theory]
    [InlineData("NX XX")]
    [InlineData("XX NX")]
    [InlineData("IFEQ a NX")]
    [InlineData("IFEQ a IFEQ a")]
    [InlineData("IFEQ")]
    [InlineData("EX")]
    [InlineData("EX 1 PX 1")]
    [InlineData("EX 1 KEEPTTL")]
    [InlineData("KEEPTTL PXAT 1")]
    [InlineData("PERSIST")]
    [InlineData("FOO")]
    public void SET_refuses_options_that_contradict_each_other(string options)
    {
        Assert.Equal("-ERR syntax error\r\n", _server.Run(["SET", "key", "value", .. options.Split(' ')]));
        Assert.Equal("$-1\r\n", _server.Run("GET", "key"));
    }

    [Theory]
    [InlineData("EX", "0")]
    [InlineData("EX", "-1")]
    [InlineData("EX", "9223372036854775807")]
    [InlineData("PX", "9223372036854775807")]
    public void SET_refuses_an_expiry_out_of_range(string unit, string time)
    {
        Assert.Equal("-ERR invalid expire time in 'set' command\r\n", _server.Run("SET", "key", "value", unit, time));
    }

    [Fact]
    public void SET_with_IFEQ_sets_only_what_still_holds_the_value()
    {
        Assert.Equal("$-1\r\n", _server.Run("SET", "key", "new", "IFEQ", "17"));
        _server.Run("SET", "key", "17");

        Assert.Equal("$-1\r\n", _server.Run("SET", "key", "new", "IFEQ", "18"));
        Assert.Equal(Bulk("17"), _server.Run("SET", "key", "new", "IFEQ", "17", "GET"));
        Assert.Equal(Bulk("new"), _server.Run("GET", "key"));
    }

    [Fact]
    public void A_key_of_another_type_is_WRONGTYPE_except_for_plain_SET()
    {
        const string WrongType = "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";
        _server.AddForeign("other");

        foreach (string command in (string[])["GET", "GETDEL", "GETEX", "INCR", "DECR", "STRLEN", "BITCOUNT"])
        {
            Assert.Equal(WrongType, _server.Run(command, "other"));
        }

        Assert.Equal(WrongType, _server.Run("SET", "other", "v", "GET"));
        Assert.Equal(WrongType, _server.Run("SET", "other", "v", "IFEQ", "x"));
        Assert.Equal(WrongType, _server.Run("APPEND", "other", "v"));
        Assert.Equal(WrongType, _server.Run("DELIFEQ", "other", "v"));
        Assert.Equal("*1\r\n$-1\r\n", _server.Run("MGET", "other"));
        Assert.Equal("+OK\r\n", _server.Run("SET", "other", "v"));
        Assert.Equal(Bulk("v"), _server.Run("GET", "other"));
    }

    [Fact]
    public void INCR_counts_numbers_in_place_and_keeps_the_expiry()
    {
        _server.Run("SET", "key", "41", "PX", "1000");

        Assert.Equal(":42\r\n", _server.Run("INCR", "key"));

        Assert.Equal("int", _server.Encoding("key"));
        Assert.Equal(FakeKeyspace.Now + 1000, _server.ExpiryOf("key"));
        Assert.Equal(["String:incrby:key"], _server.Events);
    }

    [Fact]
    public void INCR_and_DECR_refuse_to_overflow()
    {
        _server.Run("SET", "key", "9223372036854775807");
        Assert.Equal("-ERR increment or decrement would overflow\r\n", _server.Run("INCR", "key"));
        _server.Run("SET", "key", "-9223372036854775808");
        Assert.Equal("-ERR increment or decrement would overflow\r\n", _server.Run("DECR", "key"));
        Assert.Equal("-ERR decrement would overflow\r\n", _server.Run("DECRBY", "key", "-9223372036854775808"));
    }

    [Fact]
    public void INCRBYFLOAT_is_propagated_by_its_result()
    {
        _server.Run("SET", "key", "10.50");

        Assert.Equal(Bulk("10.6"), _server.Run("INCRBYFLOAT", "key", "0.1"));

        Assert.Equal("SET key 10.6 KEEPTTL", _server.Propagated);
        Assert.Equal("-ERR value is not a valid float\r\n", _server.Run("INCRBYFLOAT", "key", "x"));
        Assert.Equal("-ERR increment would produce NaN or Infinity\r\n", _server.Run("INCRBYFLOAT", "key", "+inf"));
    }

    [Fact]
    public void Writing_a_part_makes_a_string_raw_whatever_it_was()
    {
        foreach (string value in (string[])["123", "text", new('x', 300), ""])
        {
            _server.Run("SET", "key", value);
            Assert.Equal($":{value.Length + 2}\r\n", _server.Run("APPEND", "key", "ab"));
            Assert.Equal("raw", _server.Encoding("key"));
            Assert.Equal(Bulk(value + "ab"), _server.Run("GET", "key"));
        }
    }

    [Fact]
    public void Appending_byte_by_byte_loses_nothing()
    {
        string expected = "";
        for (int i = 0; i < 1500; i++)
        {
            string next = ((char)('a' + (i % 26))).ToString();
            expected += next;
            _server.Run("APPEND", "key", next);
        }

        Assert.Equal(Bulk(expected), _server.Run("GET", "key"));
    }

    [Fact]
    public void A_long_value_that_is_being_sent_does_not_change_under_the_reply()
    {
        string value = new('v', 20_000);
        _server.Run("SET", "key", value);
        _server.Run("SET", "other", value);

        string sent = _server.RunKeepingReply(
            ["GET", "key"], ["SETRANGE", "key", "0", "x"], ["SET", "key", new string('w', 20_000)]);

        Assert.StartsWith(Bulk(value), sent);
        Assert.Equal(Bulk(new string('w', 20_000)), _server.Run("GET", "key"));
    }

    [Fact]
    public void SETRANGE_pads_with_zero_bytes()
    {
        Assert.Equal(":0\r\n", _server.Run("SETRANGE", "key", "5", ""));
        Assert.Equal("$-1\r\n", _server.Run("GET", "key"));
        Assert.Equal(":4\r\n", _server.Run("SETRANGE", "key", "3", "x"));
        Assert.Equal(Bulk("\0\0\0x"), _server.Run("GET", "key"));
        Assert.Equal("-ERR offset is out of range\r\n", _server.Run("SETRANGE", "key", "-1", "x"));
        Assert.Equal(
            "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n",
            _server.Run("SETRANGE", "key", "536870912", "x"));
    }

    [Theory]
    [InlineData("0", "-1", "Hello World")]
    [InlineData("-5", "-1", "World")]
    [InlineData("-1", "-5", "")]
    [InlineData("5", "3", "")]
    [InlineData("-100", "4", "Hello")]
    [InlineData("6", "100", "World")]
    [InlineData("-100", "-99", "H")]
    [InlineData("-99", "-100", "")]
    public void GETRANGE_takes_positions_from_both_ends(string start, string end, string expected)
    {
        _server.Run("SET", "key", "Hello World");

        Assert.Equal(Bulk(expected), _server.Run("GETRANGE", "key", start, end));
        Assert.Equal(Bulk(expected), _server.Run("SUBSTR", "key", start, end));
    }

    [Fact]
    public void GETEX_propagates_what_it_did_to_the_expiry()
    {
        _server.Run("SET", "key", "value");

        Assert.Equal(Bulk("value"), _server.Run("GETEX", "key", "EX", "10"));
        Assert.Equal($"PEXPIREAT key {FakeKeyspace.Now + 10_000}", _server.Propagated);

        _server.Run("GETEX", "key", "PERSIST");
        Assert.Equal("PERSIST key", _server.Propagated);
        Assert.Equal(["Generic:persist:key"], _server.Events);

        _server.Run("GETEX", "key", "PERSIST");
        Assert.Null(_server.Propagated);

        Assert.Equal(Bulk("value"), _server.Run("GETEX", "key", "PXAT", "1"));
        Assert.Equal("UNLINK key", _server.Propagated);
    }

    [Fact]
    public void GETDEL_and_DELIFEQ_propagate_a_deletion()
    {
        _server.Run("MSET", "a", "1", "b", "2");

        Assert.Equal(Bulk("1"), _server.Run("GETDEL", "a"));
        Assert.Equal("DEL a", _server.Propagated);
        Assert.Equal(":0\r\n", _server.Run("DELIFEQ", "b", "3"));
        Assert.Equal(":1\r\n", _server.Run("DELIFEQ", "b", "2"));
        Assert.Equal("DEL b", _server.Propagated);
        Assert.Equal(["Generic:del:b"], _server.Events);
        Assert.Equal(":0\r\n", _server.Run("DELIFEQ", "b", "2"));
    }

    [Fact]
    public void MSETNX_sets_all_or_none()
    {
        Assert.Equal(":1\r\n", _server.Run("MSETNX", "a", "1", "b", "2", "a", "3"));
        Assert.Equal(":0\r\n", _server.Run("MSETNX", "c", "1", "b", "2"));
        Assert.Equal("*3\r\n$1\r\n3\r\n$1\r\n2\r\n$-1\r\n", _server.Run("MGET", "a", "b", "c"));
        Assert.Equal("-ERR wrong number of arguments for 'mset' command\r\n", _server.Run("MSET", "a", "1", "b"));
    }

    [Fact]
    public void MSETEX_sets_all_with_one_expiry_under_one_condition()
    {
        Assert.Equal(":0\r\n", _server.Run("MSETEX", "2", "a", "1", "b", "2", "XX"));
        Assert.Equal(":1\r\n", _server.Run("MSETEX", "2", "a", "1", "b", "2", "EX", "10", "NX"));
        Assert.Equal($"MSETEX 2 a 1 b 2 PXAT {FakeKeyspace.Now + 10_000} NX", _server.Propagated);
        Assert.Equal(FakeKeyspace.Now + 10_000, _server.ExpiryOf("b"));

        Assert.Equal(":1\r\n", _server.Run("MSETEX", "1", "a", "3", "KEEPTTL"));
        Assert.Equal(FakeKeyspace.Now + 10_000, _server.ExpiryOf("a"));
        Assert.Equal("-ERR syntax error\r\n", _server.Run("MSETEX", "3", "a", "1"));
        Assert.Equal("-ERR invalid numkeys value or out of range\r\n", _server.Run("MSETEX", "0", "a", "1"));
        Assert.Equal(
            "-ERR invalid expire time in 'msetex' command\r\n", _server.Run("MSETEX", "1", "a", "1", "EX", "0"));
    }

    [Fact]
    public void LCS_finds_text_length_and_places()
    {
        _server.Run("MSET", "a", "ohmytext", "b", "mynewtext");

        Assert.Equal(Bulk("mytext"), _server.Run("LCS", "a", "b"));
        Assert.Equal(":6\r\n", _server.Run("LCS", "a", "b", "LEN"));
        Assert.Equal(
            "*4\r\n$7\r\nmatches\r\n*1\r\n*3\r\n*2\r\n:4\r\n:7\r\n*2\r\n:5\r\n:8\r\n:4\r\n$3\r\nlen\r\n:6\r\n",
            _server.Run("LCS", "a", "b", "IDX", "MINMATCHLEN", "4", "WITHMATCHLEN"));
        Assert.Equal(
            "-ERR If you want both the length and indexes, please just use IDX.\r\n", _server.Run("LCS", "a", "b", "LEN", "IDX"));
    }

    private static string Bulk(string value) => $"${value.Length}\r\n{value}\r\n";
}

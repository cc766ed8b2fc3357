// Commands that see a string as bits.

using Xunit;

namespace Valkey.Strings.Tests;

public sealed class BitCommandTests : IDisposable
{
    private readonly FakeKeyspace _server = new();

    public void Dispose() => _server.Dispose();

    [Fact]
    public void SETBIT_replies_the_old_bit_and_signals_only_changes()
    {
        Assert.Equal(":0\r\n", _server.Run("SETBIT", "key", "7", "1"));
        Assert.Equal("\x01", Value("key"));
        Assert.Equal(":1\r\n", _server.Run("SETBIT", "key", "7", "1"));
        Assert.Equal(0, _server.Dirty);
        Assert.Equal(":0\r\n", _server.Run("SETBIT", "key", "15", "0"));
        Assert.Equal(1, _server.Dirty);
        Assert.Equal("\x01\0", Value("key"));
    }

    [Fact]
    public void SETBIT_works_on_what_was_a_number()
    {
        _server.Run("SET", "key", "1");

        Assert.Equal(":0\r\n", _server.Run("SETBIT", "key", "6", "1"));

        Assert.Equal("3", Value("key"));
        Assert.Equal("raw", _server.Encoding("key"));
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("4294967296")]
    [InlineData("9223372036854775807")]
    [InlineData("#1")]
    [InlineData("x")]
    public void A_bit_offset_out_of_range_is_refused(string offset)
    {
        const string Error = "-ERR bit offset is not an integer or out of range\r\n";

        Assert.Equal(Error, _server.Run("SETBIT", "key", offset, "1"));
        Assert.Equal(Error, _server.Run("GETBIT", "key", offset));
    }

    [Fact]
    public void SETBIT_takes_no_other_value_than_0_and_1()
    {
        const string Error = "-ERR bit is not an integer or out of range\r\n";

        Assert.Equal(Error, _server.Run("SETBIT", "key", "0", "2"));
        Assert.Equal(Error, _server.Run("SETBIT", "key", "0", "-1"));
        Assert.Equal(Error, _server.Run("SETBIT", "key", "0", "x"));
    }

    [Fact]
    public void BITOP_pads_the_shorter_and_deletes_an_empty_result()
    {
        _server.Run("MSET", "a", "\xFF\xF0\x0F", "b", "\x0F");

        Assert.Equal(":3\r\n", _server.Run("BITOP", "AND", "d", "a", "b"));
        Assert.Equal("\x0F\0\0", Value("d"));
        _server.Run("BITOP", "or", "d", "b", "a", "missing");
        Assert.Equal("\xFF\xF0\x0F", Value("d"));
        _server.Run("BITOP", "xor", "d", "a", "b");
        Assert.Equal("\xF0\xF0\x0F", Value("d"));
        _server.Run("BITOP", "not", "a", "a");
        Assert.Equal("\0\x0F\xF0", Value("a"));
        Assert.Equal(":0\r\n", _server.Run("BITOP", "or", "d", "missing"));
        Assert.Equal(["Generic:del:d"], _server.Events);
        Assert.Equal("$-1\r\n", _server.Run("GET", "d"));
        Assert.Equal(
            "-ERR BITOP NOT must be called with a single source key.\r\n", _server.Run("BITOP", "not", "d", "a", "b"));
    }

    [Fact]
    public void BITPOS_finds_the_clear_bit_behind_the_string_unless_an_end_is_given()
    {
        _server.Run("SET", "key", "\xFF\xFF");

        Assert.Equal(":16\r\n", _server.Run("BITPOS", "key", "0"));
        Assert.Equal(":16\r\n", _server.Run("BITPOS", "key", "0", "1"));
        Assert.Equal(":-1\r\n", _server.Run("BITPOS", "key", "0", "0", "-1"));
        Assert.Equal(":0\r\n", _server.Run("BITPOS", "missing", "0"));
        Assert.Equal(":-1\r\n", _server.Run("BITPOS", "missing", "1"));
        Assert.Equal("-ERR The bit argument must be 1 or 0.\r\n", _server.Run("BITPOS", "key", "2"));
    }

    [Fact]
    public void BITCOUNT_counts_in_bytes_or_bits()
    {
        _server.Run("SET", "key", "foobar");

        Assert.Equal(":26\r\n", _server.Run("BITCOUNT", "key"));
        Assert.Equal(":4\r\n", _server.Run("BITCOUNT", "key", "0", "0"));
        Assert.Equal(":17\r\n", _server.Run("BITCOUNT", "key", "5", "30", "BIT"));
        Assert.Equal(":7\r\n", _server.Run("BITCOUNT", "key", "-2"));
        Assert.Equal("-ERR syntax error\r\n", _server.Run("BITCOUNT", "key", "0", "1", "word"));
    }

    [Fact]
    public void BITFIELD_overflows_as_it_is_told()
    {
        Assert.Equal("*1\r\n:0\r\n", _server.Run("BITFIELD", "key", "SET", "u8", "#0", "250"));
        Assert.Equal("*1\r\n:4\r\n", _server.Run("BITFIELD", "key", "INCRBY", "u8", "0", "10"));
        Assert.Equal("*1\r\n:255\r\n", _server.Run("BITFIELD", "key", "OVERFLOW", "SAT", "INCRBY", "u8", "0", "1000"));
        Assert.Equal(
            "*2\r\n$-1\r\n:-1\r\n",
            _server.Run("BITFIELD", "key", "OVERFLOW", "FAIL", "INCRBY", "u8", "0", "1", "GET", "i8", "0"));
        Assert.Equal(0, _server.Dirty);
    }

    [Fact]
    public void BITFIELD_changes_nothing_when_a_later_operation_is_wrong()
    {
        string reply = _server.Run("BITFIELD", "key", "SET", "u8", "0", "1", "SET", "u65", "0", "1");

        Assert.StartsWith("-ERR Invalid bitfield type.", reply);
        Assert.Equal("$-1\r\n", _server.Run("GET", "key"));
    }

    [Fact]
    public void BITFIELD_RO_only_reads()
    {
        Assert.Equal("*1\r\n:0\r\n", _server.Run("BITFIELD_RO", "key", "GET", "i64", "1000"));
        Assert.Equal(
            "-ERR BITFIELD_RO only supports the GET subcommand\r\n", _server.Run("BITFIELD_RO", "key", "SET", "u8", "0", "1"));
    }

    private string Value(string key)
    {
        string reply = _server.Run("GET", key);
        return reply[(reply.IndexOf('\n') + 1)..^2];
    }
}

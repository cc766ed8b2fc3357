// The string type as the server uses it beside commands: saving, loading, copying, measuring.

using Valkey.Abstractions;
using Valkey.Structures;
using Xunit;

namespace Valkey.Strings.Tests;

public sealed class StringTypeTests : IDisposable
{
    private readonly FakeKeyspace _server = new();

    public static TheoryData<string> Values => new(
        "", "0", "-42", "9223372036854775807", "text", new string('e', 44), new string('r', 45), new string('r', 255),
        new string('b', 256), new string('b', 100_000));

    public void Dispose() => _server.Dispose();

    [Theory]
    [MemberData(nameof(Values))]
    public void What_was_saved_loads_as_the_same_value_in_the_same_encoding(string value)
    {
        _server.Run("SET", "key", value);
        StoredValue stored = _server.ValueOf(_server.LookupRead("key"u8));
        MemoryWriter writer = new();

        StringType.Descriptor.Save(stored, writer);
        KeyEntry loaded = StringType.Descriptor.Load("copy"u8, writer, new Factory());
        _server.AddEntry(loaded);

        Assert.Equal(0, writer.TypeCodeWritten);
        Assert.Equal(_server.Run("GET", "key"), _server.Run("GET", "copy"));
        Assert.Equal(_server.Encoding("key"), _server.Encoding("copy"));
    }

    [Theory]
    [MemberData(nameof(Values))]
    public void A_copy_has_bytes_of_its_own(string value)
    {
        _server.Run("SET", "key", value);

        _server.AddEntry(StringType.Descriptor.Copy("copy"u8, _server.ValueOf(_server.LookupRead("key"u8)), new Factory()));
        _server.Run("SETRANGE", "key", "0", "changed");

        Assert.Equal($"${value.Length}\r\n{value}\r\n", _server.Run("GET", "copy"));
    }

    [Theory]
    [MemberData(nameof(Values))]
    public void Its_length_counts_as_its_elements(string value)
    {
        _server.Run("SET", "key", value);

        Assert.Equal(value.Length, StringType.Descriptor.ElementCount(_server.ValueOf(_server.LookupRead("key"u8))));
    }

    [Fact]
    public void Only_a_long_value_owns_memory_outside_of_its_entry()
    {
        _server.Run("SET", "short", new string('s', 255));
        _server.Run("SET", "long", new string('l', 256));

        Assert.Equal(0, StringType.Descriptor.MemoryUsageBytes(_server.ValueOf(_server.LookupRead("short"u8)), 0));
        Assert.True(StringType.Descriptor.MemoryUsageBytes(_server.ValueOf(_server.LookupRead("long"u8)), 0) >= 256);
    }

    [Fact]
    public void Commands_leave_no_native_memory_behind()
    {
        long before = NativeHeap.UsedBytes;
        using (FakeKeyspace server = new())
        {
            Random random = new(5);
            string[] keys = ["a", "b", "c"];
            for (int i = 0; i < 5000; i++)
            {
                string key = keys[random.Next(keys.Length)];
                string value = new('v', random.Next(600));
                string[][] commands =
                [
                    ["SET", key, value], ["APPEND", key, value], ["SETRANGE", key, "20", value], ["GETDEL", key],
                    ["BITOP", "XOR", key, "a", "b"], ["SETBIT", key, "5000", "1"], ["GETEX", key, "EX", "100"],
                    ["LCS", "a", "b", "LEN"], ["LCS", "c", "b"], ["SET", key, "12"], ["INCRBYFLOAT", key, "0.5"],
                ];
                server.Run(commands[random.Next(commands.Length)]);
            }
        }

        Assert.Equal(before, NativeHeap.UsedBytes);
    }

    private sealed class Factory : IEntryFactory
    {
        public KeyEntry Create(ReadOnlySpan<byte> key, DataType type, byte encoding, long payload) =>
            new(Entry.CreateWithPayload(key, type.Id, encoding, payload).Address);

        public KeyEntry CreateEmbedded(ReadOnlySpan<byte> key, DataType type, byte encoding, ReadOnlySpan<byte> value) =>
            new(Entry.CreateEmbedded(key, type.Id, encoding, value).Address);
    }

    /// <summary>Gives back what was written; a number as its text, as the format does.</summary>
    private sealed class MemoryWriter : IValueWriter, IValueReader
    {
        private byte[] _bytes = [];

        public int TypeCodeWritten { get; private set; } = -1;

        byte IValueReader.TypeCode => (byte)TypeCodeWritten;

        public void TypeCode(byte code) => TypeCodeWritten = code;

        public void String(ReadOnlySpan<byte> bytes) => _bytes = bytes.ToArray();

        public void IntegerString(long value) => _bytes = System.Text.Encoding.ASCII.GetBytes(value.ToString());

        public ReadOnlySpan<byte> String() => _bytes;

        public void Length(ulong value) => throw new NotSupportedException("A string is one string.");

        public void Double(double value) => throw new NotSupportedException("A string is one string.");

        public void Int64(long value) => throw new NotSupportedException("A string is one string.");

        public long Int64() => throw new NotSupportedException("A string is one string.");

        public bool IsSanitizing => true;

        public long DropExpiredAtUnixMs => 0;

        public ulong Length() => throw new NotSupportedException("A string is one string.");

        public double Double() => throw new NotSupportedException("A string is one string.");
    }
}

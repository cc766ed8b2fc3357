// The hash type as the server uses it beside commands: saving, loading, copying, measuring, expiring.

using System.Text;
using Valkey.Abstractions;
using Valkey.Structures;
using Valkey.TypeTests;
using Xunit;

namespace Valkey.Hashes.Tests;

public sealed class HashTypeTests : IDisposable
{
    private readonly HashServer _server = new();

    public static TheoryData<string, int> Hashes => new()
    {
        { "listpack", 1 }, { "listpack", 512 }, { "hashtable", 513 }, { "hashtable", 3000 }, { "expiring", 1 }, { "expiring", 3000 },
    };

    public void Dispose() => _server.Dispose();

    [Theory]
    [MemberData(nameof(Hashes))]
    public void What_was_saved_loads_as_the_same_hash_in_the_same_encoding(string kind, int count)
    {
        Fill("h", kind, count);
        Tape tape = new() { TakesTimes = true };

        HashType.Descriptor.Save(Value("h"), tape);
        _server.AddEntry(HashType.Descriptor.Load("copy"u8, tape, new Factory()));

        Assert.True(tape.IsAtEnd);
        AssertSame("h", "copy", count);
    }

    [Theory]
    [MemberData(nameof(Hashes))]
    public void A_copy_is_the_same_and_independent(string kind, int count)
    {
        Fill("h", kind, count);
        _server.AddEntry(HashType.Descriptor.Copy("copy"u8, Value("h"), new Factory()));
        AssertSame("h", "copy", count);

        List<string> before = _server.Fields("copy");
        _server.Run("HSET", "h", "field:0", "another");
        Assert.Equal(before, _server.Fields("copy"));
    }

    [Theory]
    [MemberData(nameof(Hashes))]
    public void Its_memory_is_what_the_heap_counts(string kind, int count)
    {
        long before = NativeHeap.UsedBytes;
        Fill("h", kind, count);
        long shell = (long)new Entry(_server.LookupRead("h"u8).Address).MemoryBytes;

        Assert.Equal(NativeHeap.UsedBytes - before - shell, HashType.Descriptor.MemoryUsageBytes(Value("h"), samples: 0));
        Assert.Equal(kind == "listpack" ? 1 : count, HashType.Descriptor.FreeEffort(Value("h")));
        Assert.Equal(count, HashType.Descriptor.ElementCount(Value("h")));
    }

    [Theory]
    [MemberData(nameof(Hashes))]
    public void Defragmentation_may_move_everything(string kind, int count)
    {
        Fill("h", kind, count);
        List<string> before = _server.Fields("h");
        KeyEntry entry = _server.LookupRead("h"u8);

        long payload = HashType.Descriptor.Defrag(_server.ValueOf(entry), new Mover());
        _server.UpdatePayload(entry, _server.ValueOf(entry).Encoding, payload);

        Assert.Equal(before, _server.Fields("h"));
        Assert.Equal("$7\r\nvalue:0\r\n", _server.Run("HGET", "h", "field:0"));
    }

    [Theory]
    [MemberData(nameof(Hashes))]
    public void Others_read_fields_that_are_not_over(string kind, int count)
    {
        Fill("h", kind, count);
        bool isThere = HashType.Descriptor.TryGetField(Value("h"), "field:0"u8, _server.Now, out ReadOnlySpan<byte> value);
        Assert.True(isThere);
        Assert.Equal("value:0", Encoding.Latin1.GetString(value));
        Assert.False(HashType.Descriptor.TryGetField(Value("h"), "none"u8, _server.Now, out _));
        Assert.Equal(kind != "expiring", HashType.Descriptor.TryGetField(Value("h"), "field:0"u8, long.MaxValue, out _));
    }

    [Fact]
    public void The_digest_of_a_hash_does_not_depend_on_its_encoding()
    {
        _server.Run("HSET", "small", "a", "1", "b", "2");
        _server.Run("HSET", "large", "b", "2", "c", new string('l', 100), "a", "1");
        _server.Run("HDEL", "large", "c");
        Assert.Equal(["listpack", "hashtable"], new[] { _server.Encoding("small"), _server.Encoding("large") });
        Digest small = new(), large = new();

        HashType.Descriptor.Digest(Value("small"), small);
        HashType.Descriptor.Digest(Value("large"), large);

        Assert.Equal(2, small.Elements.Count);
        Assert.Equal(small.Elements, large.Elements);
    }

    [Fact]
    public void A_small_hash_that_was_saved_field_by_field_loads_as_a_listpack()
    {
        Tape tape = new(4) { TakesTimes = true };
        tape.Length(2);
        foreach (string part in new[] { "a", "1", "b", "text" }) tape.String(Encoding.Latin1.GetBytes(part));

        _server.AddEntry(HashType.Descriptor.Load("h"u8, tape, new Factory()));

        Assert.Equal("listpack", _server.Encoding("h"));
        Assert.Equal(["a=1@-1", "b=text@-1"], _server.Fields("h"));
    }

    [Fact]
    public void Fields_that_are_over_are_dropped_where_the_reader_says_so()
    {
        Assert.Equal(["b=2@2000", "c=3@-1"], Loaded(dropExpiredAt: 1500));
        Assert.Equal(["a=1@1000", "b=2@2000", "c=3@-1"], Loaded(dropExpiredAt: 0));

        List<string> Loaded(long dropExpiredAt)
        {
            using HashServer server = new();
            Tape tape = new(22) { TakesTimes = true, DropExpiredAtUnixMs = dropExpiredAt };
            tape.Length(3);
            AddField(tape, "a", "1", 1000);
            AddField(tape, "b", "2", 2000);
            AddField(tape, "c", "3", -1);
            server.AddEntry(HashType.Descriptor.Load("h"u8, tape, new Factory()));
            Assert.True(server.IsTracked("h"));
            return server.Fields("h");
        }
    }

    [Fact]
    public void A_hash_of_which_nothing_is_left_loads_as_no_key()
    {
        Tape over = new(22) { TakesTimes = true, DropExpiredAtUnixMs = 1500 };
        over.Length(1);
        AddField(over, "a", "1", 1000);
        Tape none = new(4) { TakesTimes = true };
        none.Length(0);
        Tape empty = new(16) { TakesTimes = true };
        Listpack listpack = Listpack.Create();
        empty.String(listpack.Bytes);
        listpack.Free();
        long before = NativeHeap.UsedBytes;

        Assert.False(HashType.Descriptor.Load("k"u8, over, new Factory()).Exists);
        Assert.False(HashType.Descriptor.Load("k"u8, none, new Factory()).Exists);
        Assert.False(HashType.Descriptor.Load("k"u8, empty, new Factory()).Exists);

        Assert.Equal(before, NativeHeap.UsedBytes);
    }

    [Fact]
    public void Damaged_values_are_refused_and_leave_nothing_behind()
    {
        long before = NativeHeap.UsedBytes;
        AssertRefused(4, tape =>
        {
            tape.Length(2);
            for (int i = 0; i < 2; i++) AddPair(tape, "a", "1");
        });
        AssertRefused(4, tape =>
        {
            tape.Length(5);
            AddPair(tape, "a", "1");
        });
        AssertRefused(22, tape =>
        {
            tape.Length(1);
            AddField(tape, "a", "1", -2);
        });
        AssertRefused(16, tape => tape.String("not a listpack"u8));
        AssertRefused(16, tape => tape.String(ListpackOf("a", "1", "b")));
        AssertRefused(16, tape => tape.String(ListpackOf("a", "1", "a", "2")));
        AssertRefused(5, tape => tape.String("x"u8));
        Assert.Equal(before, NativeHeap.UsedBytes);
    }

    [Theory]
    [MemberData(nameof(Hashes))]
    public void Random_damage_never_crashes(string kind, int count)
    {
        Fill("h", kind, Math.Min(count, 600));
        int seed = Random.Shared.Next();
        Random random = new(seed);
        for (int i = 0; i < 200; i++)
        {
            Tape tape = new() { TakesTimes = true };
            HashType.Descriptor.Save(Value("h"), tape);
            tape.Damage(random);
            using HashServer server = new();
            try
            {
                KeyEntry loaded = HashType.Descriptor.Load("k"u8, tape, new Factory());
                if (!loaded.Exists) continue;
                server.AddEntry(loaded);
                server.Run("HGETALL", "k");
                server.Run("HSET", "k", new string('f', 100), "v");
            }
            catch (InvalidDataException)
            {
                // Refused, as it should be when the damage shows.
            }
        }
    }

    [Fact]
    public void Active_expiry_takes_out_what_is_over_and_propagates_one_HDEL()
    {
        Expiry expiry = new() { NowUnixMs = 1001 };
        _server.Run("HSETEX", "h", "PXAT", "1002000", "FIELDS", "1", "later", "1");
        _server.IsFollower = true; // so that what is over may be written
        _server.Run("HSETEX", "h", "PXAT", "1000", "FIELDS", "3", "a", "1", "b", "2", "c", "3");
        _server.IsFollower = false;

        Assert.Equal(2, HashType.Descriptor.ExpireItems(Value("h"), "h"u8, expiry, countMax: 2));
        Assert.Equal(1, HashType.Descriptor.ExpireItems(Value("h"), "h"u8, expiry, countMax: 2));
        Assert.Equal(0, HashType.Descriptor.ExpireItems(Value("h"), "h"u8, expiry, countMax: 2));

        Assert.Equal(["later=1@1002000"], _server.Fields("h"));
        Assert.True(HashType.Descriptor.HasExpiringItems(Value("h")));
        Assert.Equal(2, expiry.Propagated.Count);
        Assert.Equal(["HDEL", "h"], expiry.Propagated[0].Take(2));
        Assert.Equal(["a", "b", "c"], expiry.Propagated.SelectMany(words => words.Skip(2)).Order(StringComparer.Ordinal));
    }

    private static void AssertRefused(byte typeCode, Action<Tape> record)
    {
        Tape tape = new(typeCode) { TakesTimes = true };
        record(tape);
        Assert.Throws<InvalidDataException>(() => HashType.Descriptor.Load("k"u8, tape, new Factory()));
    }

    private static byte[] ListpackOf(params string[] elements)
    {
        Listpack listpack = Listpack.Create();
        foreach (string element in elements) listpack = listpack.Append(Encoding.Latin1.GetBytes(element));
        byte[] bytes = listpack.Bytes.ToArray();
        listpack.Free();
        return bytes;
    }

    private static void AddPair(Tape tape, string name, string value)
    {
        tape.String(Encoding.Latin1.GetBytes(name));
        tape.String(Encoding.Latin1.GetBytes(value));
    }

    private static void AddField(Tape tape, string name, string value, long expireAt)
    {
        AddPair(tape, name, value);
        tape.Int64(expireAt);
    }

    private void AssertSame(string key, string otherKey, int count)
    {
        Assert.Equal(_server.Fields(key), _server.Fields(otherKey));
        Assert.Equal(_server.Encoding(key), _server.Encoding(otherKey));
        Assert.Equal(_server.IsTracked(key), _server.IsTracked(otherKey));
        Assert.Equal(count, HashType.Descriptor.ElementCount(Value(otherKey)));
    }

    private void Fill(string key, string kind, int count)
    {
        for (int i = 0; i < count; i++)
        {
            string time = $"{_server.Now + 1 + (i * 7919 % 1000)}";
            if (kind == "expiring") _server.Run("HSETEX", key, "PXAT", time, "FIELDS", "1", $"field:{i}", $"value:{i}");
            else _server.Run("HSET", key, $"field:{i}", $"value:{i}");
        }
    }

    private StoredValue Value(string key) => _server.ValueOf(_server.LookupRead(Encoding.Latin1.GetBytes(key)));

    private sealed class Factory : IEntryFactory
    {
        public KeyEntry Create(ReadOnlySpan<byte> key, DataType type, byte encoding, long payload) =>
            new(Entry.CreateWithPayload(key, type.Id, encoding, payload).Address);

        public KeyEntry CreateEmbedded(ReadOnlySpan<byte> key, DataType type, byte encoding, ReadOnlySpan<byte> value) =>
            throw new NotSupportedException("Hashes are never embedded.");
    }

    private sealed class Expiry : IItemExpiry
    {
        public long NowUnixMs { get; init; }

        public bool PropagationWanted => true;

        public List<string[]> Propagated { get; } = [];

        public void Propagate(params ReadOnlySpan<PropagatedArgument> arguments)
        {
            string[] words = new string[arguments.Length];
            for (int i = 0; i < words.Length; i++) words[i] = Encoding.Latin1.GetString(arguments[i].Bytes);
            Propagated.Add(words);
        }
    }

    private sealed class Digest : IDigestSink
    {
        public SortedSet<string> Elements { get; } = new(StringComparer.Ordinal);

        public void AddUnordered(ReadOnlySpan<byte> element) => Elements.Add(Encoding.Latin1.GetString(element));

        public void AddOrdered(ReadOnlySpan<byte> element) => throw new NotSupportedException("A hash has no order.");
    }

    /// <summary>Moves every block that it is shown.</summary>
    private sealed unsafe class Mover : IDefragmenter
    {
        public nint Move(nint address, nuint sizeBytes)
        {
            nint moved = NativeHeap.Allocate(sizeBytes);
            Buffer.MemoryCopy((void*)address, (void*)moved, sizeBytes, sizeBytes);
            new Span<byte>((void*)address, (int)sizeBytes).Fill(0xEE);
            NativeHeap.Free(address, sizeBytes);
            return moved;
        }
    }
}

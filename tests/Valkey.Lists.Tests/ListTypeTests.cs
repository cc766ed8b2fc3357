// The list type as the server uses it beside commands: saving, loading, copying, measuring, showing itself to others.

using System.Globalization;
using System.Text;
using Valkey.Abstractions;
using Valkey.Structures;
using Valkey.TypeTests;
using Xunit;

namespace Valkey.Lists.Tests;

public sealed class ListTypeTests : IDisposable
{
    private readonly ListServer _server = new();

    /// <summary>Encoding as clients see it, number of elements, and bytes of each.</summary>
    public static TheoryData<string, int, int> Lists => new()
    {
        { "listpack", 1, 3 }, { "listpack", 30, 20 }, { "listpack", 1, 5_000 }, { "listpack", 100, 20 },
        { "listpack", 3, 2_000 }, { "quicklist", 2_000, 20 }, { "quicklist", 5, 9_000 }, { "quicklist", 50, 700 },
    };

    public void Dispose() => _server.Dispose();

    [Theory]
    [MemberData(nameof(Lists))]
    public void What_was_saved_loads_as_the_same_list_in_the_same_encoding(string encoding, int count, int length)
    {
        Fill("list", count, length);
        Tape tape = new();

        ListType.Descriptor.Save(Value("list"), tape);
        _server.AddEntry(ListType.Descriptor.Load("copy"u8, tape, new Factory()));

        Assert.True(tape.IsAtEnd);
        Assert.Equal(encoding, _server.Encoding("list"));
        Assert.Equal(encoding, _server.Encoding("copy"));
        Assert.Equal(_server.Elements("list"), _server.Elements("copy"));
        Assert.Equal(count, ListType.Descriptor.ElementCount(Value("copy")));
    }

    [Theory]
    [MemberData(nameof(Lists))]
    public void A_list_that_counts_as_a_listpack_is_saved_as_one(string encoding, int count, int length)
    {
        Fill("list", count, length);
        Tape tape = new();

        ListType.Descriptor.Save(Value("list"), tape);

        ulong nodes = tape.Length();
        Assert.Equal(encoding == "listpack", nodes == 1);
        if (nodes != 1) return;
        Assert.Equal(2UL, tape.Length());
        ReadOnlySpan<byte> bytes = tape.String();
        Assert.True(Listpack.IsValid(bytes, everyElement: true));
        Listpack listpack = Listpack.From(bytes);
        Assert.Equal(count, listpack.Count);
        listpack.Free();
    }

    [Fact]
    public void A_row_of_strings_loads_as_a_list()
    {
        Tape tape = new(typeCode: 1);
        tape.Length(3);
        tape.String("a"u8);
        tape.String("12"u8);
        tape.String(new byte[10_000]);

        _server.AddEntry(ListType.Descriptor.Load("list"u8, tape, new Factory()));

        Assert.Equal(["a", "12", new string('\0', 10_000)], _server.Elements("list"));
        Assert.Equal("quicklist", _server.Encoding("list"));
    }

    [Fact]
    public void A_list_of_empty_nodes_is_no_list()
    {
        Tape tape = new(typeCode: 18);
        tape.Length(1);
        tape.Length(2);
        tape.String([7, 0, 0, 0, 0, 0, 0xFF]);

        Assert.False(ListType.Descriptor.Load("list"u8, tape, new Factory()).Exists);
    }

    [Theory]
    [InlineData(3UL, "x")] // an unknown kind of node
    [InlineData(1UL, "")]
    [InlineData(2UL, "no listpack")]
    public void A_node_that_is_none_is_refused(ulong kind, string content)
    {
        long before = NativeHeap.UsedBytes;
        Tape tape = new(typeCode: 18);
        tape.Length(2);
        tape.Length(1);
        tape.String("good"u8);
        tape.Length(kind);
        tape.String(Encoding.ASCII.GetBytes(content));

        Assert.Throws<InvalidDataException>(() => ListType.Descriptor.Load("list"u8, tape, new Factory()));
        Assert.Equal(before, NativeHeap.UsedBytes);
    }

    [Theory]
    [InlineData(20, 20, true)]
    [InlineData(20, 20, false)]
    [InlineData(2_000, 20, true)]
    [InlineData(2_000, 20, false)]
    public void A_damaged_value_is_refused_or_loads_as_a_list_that_can_be_used(int count, int length, bool isSanitizing)
    {
        Fill("list", count, length);
        for (int seed = 0; seed < 300; seed++)
        {
            long before = NativeHeap.UsedBytes;
            Tape tape = new() { IsSanitizing = isSanitizing };
            ListType.Descriptor.Save(Value("list"), tape);
            tape.Damage(new Random(seed));
            try
            {
                KeyEntry loaded = ListType.Descriptor.Load("copy"u8, tape, new Factory());
                if (!loaded.Exists) continue;
                _server.AddEntry(loaded);
                _server.Run("LREM", "copy", "-2", "e1");
                _server.Run("LINSERT", "copy", "AFTER", _server.Elements("copy")[0], "inserted");
                _server.Run("LTRIM", "copy", "1", "-2");
                _server.Delete("copy"u8);
            }
            catch (InvalidDataException)
            {
                // refused; what was built until then is freed, which is seen below
            }

            Assert.Equal(before, NativeHeap.UsedBytes);
        }
    }

    [Theory]
    [MemberData(nameof(Lists))]
    public void A_copy_is_the_same_and_independent(string encoding, int count, int length)
    {
        Fill("list", count, length);
        List<string> before = _server.Elements("list");

        _server.AddEntry(ListType.Descriptor.Copy("copy"u8, Value("list"), new Factory()));
        _server.Run("RPUSH", "list", "another");
        _server.Run("LPOP", "list");

        Assert.Equal(before, _server.Elements("copy"));
        Assert.Equal(encoding, _server.Encoding("copy"));
    }

    [Theory]
    [MemberData(nameof(Lists))]
    public void Its_memory_is_what_the_heap_counts(string encoding, int count, int length)
    {
        long before = NativeHeap.UsedBytes;
        Fill("list", count, length);
        long shell = (long)new Entry(_server.LookupRead("list"u8).Address).MemoryBytes;

        Assert.Equal(NativeHeap.UsedBytes - before - shell, ListType.Descriptor.MemoryUsageBytes(Value("list"), samples: 0));
        Assert.Equal(encoding == "listpack", ListType.Descriptor.FreeEffort(Value("list")) == 1);
    }

    [Theory]
    [MemberData(nameof(Lists))]
    public void Others_see_the_elements_from_either_end(string encoding, int count, int length)
    {
        Fill("list", count, length);
        List<string> forward = [];
        List<string> backward = [];
        long start = count / 3;

        ((ICollectionType)ListType.Descriptor).ForEachFrom(Value("list"), start, reversed: false, new Visitor(forward, 10));
        ((ICollectionType)ListType.Descriptor).ForEachFrom(Value("list"), start, reversed: true, new Visitor(backward, 10));

        List<string> elements = _server.Elements("list");
        Assert.Equal(encoding, _server.Encoding("list"));
        Assert.Equal(elements.Skip((int)start).Take(10), forward);
        Assert.Equal(Enumerable.Reverse(elements).Skip((int)start).Take(10), backward);
    }

    [Theory]
    [MemberData(nameof(Lists))]
    public void The_digest_goes_by_content_and_not_by_encoding(string encoding, int count, int length)
    {
        Fill("list", count, length);
        Digest expected = new();
        foreach (string element in _server.Elements("list")) expected.AddOrdered(Encoding.Latin1.GetBytes(element));
        Digest digest = new();

        ListType.Descriptor.Digest(Value("list"), digest);

        Assert.Equal(encoding, _server.Encoding("list"));
        Assert.Equal(expected.Parts, digest.Parts);
    }

    [Theory]
    [MemberData(nameof(Lists))]
    public void Its_blocks_can_be_moved(string encoding, int count, int length)
    {
        Fill("list", count, length);
        List<string> before = _server.Elements("list");
        KeyEntry entry = _server.LookupRead("list"u8);

        long moved = ListType.Descriptor.Defrag(Value("list"), new AlwaysMoving());
        _server.UpdatePayload(entry, new Entry(entry.Address).Encoding, moved);

        Assert.Equal(encoding, _server.Encoding("list"));
        Assert.Equal(before, _server.Elements("list"));
    }

    private void Fill(string key, int count, int length)
    {
        for (int i = 0; i < count; i++)
        {
            string number = i.ToString(CultureInfo.InvariantCulture);
            _server.Run("RPUSH", key, i % 10 == 3 ? number : "e" + number.PadLeft(length - 1, 'x'));
        }
    }

    private StoredValue Value(string key) => _server.ValueOf(_server.LookupRead(Encoding.Latin1.GetBytes(key)));

    private sealed class Factory : IEntryFactory
    {
        public KeyEntry Create(ReadOnlySpan<byte> key, DataType type, byte encoding, long payload) =>
            new(Entry.CreateWithPayload(key, type.Id, encoding, payload).Address);

        public KeyEntry CreateEmbedded(ReadOnlySpan<byte> key, DataType type, byte encoding, ReadOnlySpan<byte> value) =>
            throw new NotSupportedException("Lists are not embedded.");
    }

    private sealed class Visitor(List<string> seen, int most) : IElementVisitor
    {
        public bool Visit(ReadOnlySpan<byte> element, double score)
        {
            seen.Add(Encoding.Latin1.GetString(element));
            return seen.Count < most;
        }
    }

    private sealed class Digest : IDigestSink
    {
        public List<string> Parts { get; } = [];

        public void AddUnordered(ReadOnlySpan<byte> element) => throw new NotSupportedException("A list has an order.");

        public void AddOrdered(ReadOnlySpan<byte> element) => Parts.Add(Encoding.Latin1.GetString(element));
    }

    private sealed unsafe class AlwaysMoving : IDefragmenter
    {
        public nint Move(nint address, nuint sizeBytes)
        {
            nint moved = NativeHeap.Allocate(sizeBytes);
            Buffer.MemoryCopy((void*)address, (void*)moved, sizeBytes, sizeBytes);
            NativeHeap.Free(address, sizeBytes);
            return moved;
        }
    }
}

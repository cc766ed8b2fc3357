// The set type as the server uses it beside commands: saving, loading, copying, measuring, showing itself to others.

using System.Text;
using Valkey.Abstractions;
using Valkey.Structures;
using Valkey.TypeTests;
using Xunit;

namespace Valkey.Sets.Tests;

public sealed class SetTypeTests : IDisposable
{
    private readonly SetServer _server = new();

    public static TheoryData<string, int> Sets => new()
    {
        { "intset", 1 }, { "intset", 512 }, { "listpack", 1 }, { "listpack", 128 }, { "hashtable", 129 }, { "hashtable", 3000 },
    };

    public void Dispose() => _server.Dispose();

    [Theory]
    [MemberData(nameof(Sets))]
    public void What_was_saved_loads_as_the_same_set_in_the_same_encoding(string encoding, int count)
    {
        Fill("set", encoding, count);
        Tape tape = new();

        SetType.Descriptor.Save(Value("set"), tape);
        _server.AddEntry(SetType.Descriptor.Load("copy"u8, tape, new Factory()));

        Assert.True(tape.IsAtEnd);
        Assert.Equal(encoding, _server.Encoding("set"));
        Assert.Equal(encoding, _server.Encoding("copy"));
        Assert.Equal(_server.Members("set"), _server.Members("copy"));
        Assert.Equal(count, SetType.Descriptor.ElementCount(Value("copy")));
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void A_copy_is_the_same_and_independent(string encoding, int count)
    {
        Fill("set", encoding, count);
        List<string> before = _server.Members("set");

        _server.AddEntry(SetType.Descriptor.Copy("copy"u8, Value("set"), new Factory()));
        _server.Run("SADD", "set", "another", "77777");

        Assert.Equal(before, _server.Members("copy"));
        Assert.Equal(encoding, _server.Encoding("copy"));
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void Others_see_each_member_once_with_the_score_1(string encoding, int count)
    {
        Fill("set", encoding, count);
        List<string> seen = [];

        ((ICollectionType)SetType.Descriptor).ForEach(Value("set"), new Visitor(seen));

        seen.Sort(StringComparer.Ordinal);
        Assert.Equal(_server.Members("set"), seen);
        Assert.True(SetType.Descriptor.TryFind(Value("set"), Encoding.Latin1.GetBytes(seen[0]), out double score));
        Assert.Equal(1, score);
        Assert.False(SetType.Descriptor.TryFind(Value("set"), "none of them"u8, out _));
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void Its_memory_is_what_the_heap_counts(string encoding, int count)
    {
        long before = NativeHeap.UsedBytes;
        Fill("set", encoding, count);
        long shell = (long)new Entry(_server.LookupRead("set"u8).Address).MemoryBytes;

        Assert.Equal(NativeHeap.UsedBytes - before - shell, SetType.Descriptor.MemoryUsageBytes(Value("set"), samples: 0));
        Assert.Equal(encoding == "hashtable" ? count : 1, SetType.Descriptor.FreeEffort(Value("set")));
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void Defragmentation_may_move_everything(string encoding, int count)
    {
        Fill("set", encoding, count);
        List<string> before = _server.Members("set");
        KeyEntry entry = _server.LookupRead("set"u8);

        long payload = SetType.Descriptor.Defrag(_server.ValueOf(entry), new Mover());
        _server.UpdatePayload(entry, _server.ValueOf(entry).Encoding, payload);

        Assert.Equal(before, _server.Members("set"));
        foreach (string member in before) Assert.Equal(":1\r\n", _server.Run("SISMEMBER", "set", member));
    }

    [Fact]
    public void The_digest_of_a_set_does_not_depend_on_its_encoding()
    {
        _server.Run("SADD", "ints", "1", "2");
        _server.Run("SADD", "text", "1", "a", "2");
        _server.Run("SREM", "text", "a");
        Digest ints = new(), text = new();

        SetType.Descriptor.Digest(Value("ints"), ints);
        SetType.Descriptor.Digest(Value("text"), text);

        Assert.Equal(["1", "2"], ints.Elements);
        Assert.Equal(ints.Elements, text.Elements);
    }

    [Fact]
    public void Members_that_come_one_by_one_choose_the_encoding_anew()
    {
        Assert.Equal("intset", LoadMembers("1", "2"));
        Assert.Equal("listpack", LoadMembers("1", "a"));
        Assert.Equal("hashtable", LoadMembers("1", new string('l', 65)));
    }

    [Fact]
    public void An_empty_set_loads_as_no_key()
    {
        Tape members = new(SetType.MembersTypeCode);
        members.Length(0);
        Tape listpack = new(SetType.ListpackTypeCode);
        Listpack empty = Listpack.Create();
        listpack.String(empty.Bytes);
        empty.Free();

        Assert.False(SetType.Descriptor.Load("k"u8, members, new Factory()).Exists);
        Assert.False(SetType.Descriptor.Load("k"u8, listpack, new Factory()).Exists);
    }

    [Fact]
    public void A_member_that_is_there_twice_is_refused()
    {
        long before = NativeHeap.UsedBytes;

        Assert.Throws<InvalidDataException>(() => LoadMembers("1", "2", "1"));
        Assert.Throws<InvalidDataException>(() => LoadMembers("a", "b", "a"));
        Assert.Throws<InvalidDataException>(() => LoadListpack(2, i => "same"));
        Assert.Throws<InvalidDataException>(() => LoadListpack(200, i => $"{i / 2}", isSanitizing: false));

        Assert.Equal(before, NativeHeap.UsedBytes);
    }

    [Theory]
    [InlineData("SDIFF twins", "0,1,_1,_2,many")]
    [InlineData("SDIFF twins nothing", "0,1,_1,_2,many")]
    [InlineData("SDIFF twins other", "1,_2,many")]
    [InlineData("SDIFFSTORE out twins", "0,1,_1,_2,many")]
    [InlineData("SDIFFSTORE out twins other large", "1,_2,many")]
    [InlineData("SINTERSTORE out twins twins", "0,1,_1,_2,many")]
    [InlineData("SUNIONSTORE out twins", "0,1,_1,_2,many")]
    public void Results_hold_a_member_once_that_an_unchecked_payload_holds_twice(string command, string expected)
    {
        string[] members = ["_1", "0", "_2", "1", "_1", "many", "0", "_2", "many", "many"];
        Tape tape = ListpackTape(members.Length, i => members[i], isSanitizing: false);
        _server.AddEntry(SetType.Descriptor.Load("twins"u8, tape, new Factory()));
        _server.Run("SADD", "other", "_1", "0");
        for (int i = 0; i < 500; i++) _server.Run("SADD", "large", $"x{i}");

        string reply = _server.Run(command.Split(' '));

        string result = command.StartsWith("SDIFF ", StringComparison.Ordinal) ? reply : _server.Run("SMEMBERS", "out");
        Assert.Equal(expected.Split(','), Bulks(result).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Damaged_payloads_are_refused_or_safe_to_use()
    {
        for (int seed = 0; seed < 2000; seed++)
        {
            long before = NativeHeap.UsedBytes;
            using (SetServer server = new())
            {
                Random random = new(seed);
                for (int i = random.Next(1, 40); i > 0; i--) server.Run("SADD", "set", seed % 2 == 0 ? $"{random.Next()}" : $"m{i}");
                Tape tape = new() { IsSanitizing = random.Next(2) == 0 };
                SetType.Descriptor.Save(server.ValueOf(server.LookupRead("set"u8)), tape);
                tape.Damage(random);
                KeyEntry loaded = default;
                try
                {
                    loaded = SetType.Descriptor.Load("loaded"u8, tape, new Factory());
                }
                catch (InvalidDataException)
                {
                    Assert.False(loaded.Exists);
                }

                if (loaded.Exists)
                {
                    server.AddEntry(loaded);
                    server.Run("SMEMBERS", "loaded");
                    server.Run("SADD", "loaded", "x", "1", "99999999999");
                    server.Run("SPOP", "loaded", "3");
                    server.Run("SRANDMEMBER", "loaded", "-5");
                    server.Run("SUNIONSTORE", "target", "loaded", "set");
                }
            }

            Assert.True(before == NativeHeap.UsedBytes, $"memory leaked with seed {seed}");
        }
    }

    private static string LoadMembers(params string[] members)
    {
        Tape tape = new(SetType.MembersTypeCode);
        tape.Length((ulong)members.Length);
        foreach (string member in members) tape.String(Encoding.Latin1.GetBytes(member));
        return EncodingOfLoaded(tape);
    }

    private static string LoadListpack(int count, Func<int, string> member, bool isSanitizing = true) =>
        EncodingOfLoaded(ListpackTape(count, member, isSanitizing));

    private static Tape ListpackTape(int count, Func<int, string> member, bool isSanitizing)
    {
        Listpack listpack = Listpack.Create();
        for (int i = 0; i < count; i++) listpack = listpack.Append(Encoding.Latin1.GetBytes(member(i)));
        Tape tape = new(SetType.ListpackTypeCode) { IsSanitizing = isSanitizing };
        tape.String(listpack.Bytes);
        listpack.Free();
        return tape;
    }

    private static IEnumerable<string> Bulks(string reply)
    {
        string[] lines = reply.Split("\r\n");
        for (int i = 2; i < lines.Length; i += 2) yield return lines[i];
    }

    private static string EncodingOfLoaded(Tape tape)
    {
        using SetServer server = new();
        server.AddEntry(SetType.Descriptor.Load("k"u8, tape, new Factory()));
        return server.Encoding("k");
    }

    private void Fill(string key, string encoding, int count)
    {
        for (int i = 0; i < count; i++) _server.Run("SADD", key, encoding == "intset" ? $"{i}" : $"member:{i}");
    }

    private StoredValue Value(string key) => _server.ValueOf(_server.LookupRead(Encoding.Latin1.GetBytes(key)));

    private sealed class Factory : IEntryFactory
    {
        public KeyEntry Create(ReadOnlySpan<byte> key, DataType type, byte encoding, long payload) =>
            new(Entry.CreateWithPayload(key, type.Id, encoding, payload).Address);

        public KeyEntry CreateEmbedded(ReadOnlySpan<byte> key, DataType type, byte encoding, ReadOnlySpan<byte> value) =>
            throw new NotSupportedException("Sets are never embedded.");
    }

    private sealed class Visitor(List<string> seen) : IElementVisitor
    {
        public bool Visit(ReadOnlySpan<byte> element, double score)
        {
            Assert.Equal(1, score);
            seen.Add(Encoding.Latin1.GetString(element));
            return true;
        }
    }

    private sealed class Digest : IDigestSink
    {
        public SortedSet<string> Elements { get; } = new(StringComparer.Ordinal);

        public void AddUnordered(ReadOnlySpan<byte> element) => Elements.Add(Encoding.Latin1.GetString(element));

        public void AddOrdered(ReadOnlySpan<byte> element) => throw new NotSupportedException("A set has no order.");
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

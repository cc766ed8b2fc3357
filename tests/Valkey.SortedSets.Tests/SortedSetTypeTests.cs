// The sorted set type as the server uses it beside commands: saving, loading, copying, measuring, showing itself to others.

using System.Text;
using Valkey.Abstractions;
using Valkey.Structures;
using Xunit;

namespace Valkey.SortedSets.Tests;

public sealed class SortedSetTypeTests
{
    private static SortedSetType Type => SortedSetType.Descriptor;

    public static TheoryData<int> Counts => [1, 2, 128, 129, 3_000];

    [Theory]
    [MemberData(nameof(Counts))]
    public void What_was_saved_loads_as_the_same_set_in_the_same_encoding(int count)
    {
        using Key key = Filled(count);
        Tape tape = new();

        Type.Save(key.Value, tape);
        using Key loaded = new(Type.Load("loaded"u8, tape, new Factory()));

        Assert.True(tape.IsAtEnd);
        Assert.Equal(count <= 128 ? 17 : 5, tape.SavedTypeCode);
        Assert.Equal(Type.EncodingName(key.Value), Type.EncodingName(loaded.Value));
        Assert.Equal(Elements(key), Elements(loaded));
        Assert.Equal(count, Type.ElementCount(loaded.Value));
    }

    [Theory]
    [MemberData(nameof(Counts))]
    public void A_copy_is_the_same_and_all_memory_is_accounted_for(int count)
    {
        long before = NativeHeap.UsedBytes;
        using Key key = Filled(count);
        long shell = (long)new Entry(key.Handle.Address).MemoryBytes;
        Assert.Equal(NativeHeap.UsedBytes - before - shell, Type.MemoryUsageBytes(key.Value, samples: 0));

        using Key copy = new(Type.Copy("copy"u8, key.Value, new Factory()));

        Assert.Equal(Elements(key), Elements(copy));
        Assert.Equal(count <= 128 ? 1 : count, Type.FreeEffort(copy.Value));
    }

    [Theory]
    [MemberData(nameof(Counts))]
    public void Defragmentation_may_move_everything(int count)
    {
        using Key key = Filled(count);
        List<(string, double)> before = Elements(key);

        key.SetPayload(Type.Defrag(key.Value, new Mover()));

        Assert.Equal(before, Elements(key));
        Assert.True(Type.TryFind(key.Value, "member:0"u8, out _));
    }

    [Fact]
    public void Others_see_the_members_in_order_from_any_place_on()
    {
        foreach (int count in new[] { 100, 1_000 })
        {
            using Key key = Filled(count);
            List<(string Member, double Score)> all = Elements(key);
            Collecting visitor = new();

            Type.ForEachFrom(key.Value, count - 3, reversed: false, visitor);
            Type.ForEachFrom(key.Value, count - 3, reversed: true, visitor);
            Type.ForEachFrom(key.Value, count, reversed: false, visitor);

            Assert.Equal([all[^3], all[^2], all[^1], all[2], all[1], all[0]], visitor.Seen);
            Assert.True(Type.TryFind(key.Value, Encoding.ASCII.GetBytes(all[7].Member), out double score));
            Assert.Equal(all[7].Score, score);
            Assert.False(Type.TryFind(key.Value, "none of them"u8, out _));
        }
    }

    [Fact]
    public void The_digest_does_not_depend_on_the_encoding()
    {
        using Key small = Filled(100);
        SortedSetValue large = new SortedSetValue(SortedSetEncoding.Listpack, (nint)small.Value.Payload).Copy();
        large.ToSet();
        using Key converted = new(new Factory().Create("large"u8, Type, large.Encoding, large.Address));
        Digest one = new(), other = new();

        Type.Digest(small.Value, one);
        Type.Digest(converted.Value, other);

        Assert.Equal(100, one.Elements.Count);
        Assert.Equal(one.Elements, other.Elements);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    public void Members_that_come_one_by_one_choose_the_encoding_anew(byte typeCode)
    {
        Assert.Equal("listpack", LoadMembers(typeCode, "a", "b"));
        Assert.Equal("skiplist", LoadMembers(typeCode, "a", new string('l', 65)));
        Assert.Equal("listpack", LoadMembers(typeCode, "a", new string('l', 64)));
    }

    [Fact]
    public void An_empty_sorted_set_loads_as_no_key()
    {
        Tape members = new(5);
        members.Length(0);
        Tape listpack = new(17);
        Listpack empty = Listpack.Create();
        listpack.String(empty.Bytes);
        empty.Free();

        Assert.False(Type.Load("k"u8, members, new Factory()).Exists);
        Assert.False(Type.Load("k"u8, listpack, new Factory()).Exists);
    }

    [Fact]
    public void What_cannot_be_a_sorted_set_is_refused()
    {
        long before = NativeHeap.UsedBytes;

        Assert.Throws<InvalidDataException>(() => LoadMembers(5, "a", "b", "a"));
        Assert.Throws<InvalidDataException>(() => LoadListpack("a", "1", "a", "2"));
        Assert.Throws<InvalidDataException>(() => LoadListpack([.. Pairs(1000), "m500", "1"]));
        Assert.Throws<InvalidDataException>(() => LoadListpack("a", "1", "b"));
        Assert.Throws<InvalidDataException>(() => LoadListpack("a", "one"));
        Assert.Throws<InvalidDataException>(() => LoadListpack("a", "nan"));
        Tape nan = new(5);
        nan.Length(1);
        nan.String("a"u8);
        nan.Double(double.NaN);
        Assert.Throws<InvalidDataException>(() => Type.Load("k"u8, nan, new Factory()));
        Tape endless = new(5);
        endless.Length(ulong.MaxValue);
        endless.String("a"u8);
        endless.Double(1);
        Assert.Throws<InvalidDataException>(() => Type.Load("k"u8, endless, new Factory()));

        Assert.Equal(before, NativeHeap.UsedBytes);
    }

    [Fact]
    public void Damaged_payloads_are_refused_or_safe_to_use()
    {
        for (int seed = 0; seed < 3_000; seed++)
        {
            long before = NativeHeap.UsedBytes;
            Random random = new(seed);
            Tape tape = new() { IsSanitizing = random.Next(2) == 0 };
            using (Key key = Filled(random.Next(1, seed % 3 == 0 ? 200 : 60))) Type.Save(key.Value, tape);
            tape.Damage(random);
            try
            {
                using Key loaded = new(Type.Load("loaded"u8, tape, new Factory()));
                if (loaded.Handle.Exists) Use(loaded, random);
            }
            catch (InvalidDataException)
            {
                // refused, as it should be
            }

            Assert.True(before == NativeHeap.UsedBytes, $"memory leaked with seed {seed}");
        }
    }

    private static void Use(Key key, Random random)
    {
        StoredValue stored = key.Value;
        SortedSetValue value = new(stored.Encoding, (nint)stored.Payload);
        foreach ((string member, double _) in Elements(key)) value.RankOf(Encoding.Latin1.GetBytes(member), out _);
        for (int i = 0; i < 20 && value.Count > 0; i++)
        {
            double score = random.Next(10);
            value.Add(ref score, Encoding.ASCII.GetBytes($"member:{random.Next(100)}"), AddFlags.None);
            value.RemoveRange(random.NextInt64(value.Count), 1);
        }

        if (value.IsListpack) value.ToSet();
        key.Replace(value);
    }

    private static string LoadMembers(byte typeCode, params string[] members)
    {
        Tape tape = new(typeCode);
        tape.Length((ulong)members.Length);
        foreach (string member in members)
        {
            tape.String(Encoding.Latin1.GetBytes(member));
            tape.Double(1.5);
        }

        using Key loaded = new(Type.Load("k"u8, tape, new Factory()));
        return Type.EncodingName(loaded.Value);
    }

    private static void LoadListpack(params string[] elements)
    {
        Listpack listpack = Listpack.Create();
        foreach (string element in elements) listpack = listpack.Append(Encoding.Latin1.GetBytes(element));
        Tape tape = new(17);
        tape.String(listpack.Bytes);
        listpack.Free();
        using Key loaded = new(Type.Load("k"u8, tape, new Factory()));
    }

    private static IEnumerable<string> Pairs(int count)
    {
        for (int i = 0; i < count; i++)
        {
            yield return $"m{i}";
            yield return $"{i}";
        }
    }

    private static Key Filled(int count)
    {
        SortedSetValue value = SortedSetValue.Create(0, 0);
        for (int i = 0; i < count; i++)
        {
            double score = i * 7919 % 100 / 8.0;
            value.Add(ref score, Encoding.ASCII.GetBytes($"member:{i}"), AddFlags.None);
        }

        return new Key(new Factory().Create("key"u8, Type, value.Encoding, value.Address));
    }

    private static List<(string Member, double Score)> Elements(Key key)
    {
        Collecting visitor = new();
        Type.ForEach(key.Value, visitor);
        return visitor.Seen;
    }

    /// <summary>An entry, freed with its value at the end.</summary>
    private sealed class Key(KeyEntry handle) : IDisposable
    {
        public KeyEntry Handle => handle;

        public StoredValue Value
        {
            get
            {
                Entry entry = new(handle.Address);
                return new StoredValue(entry.Encoding, entry.Payload, default, isEmbedded: false);
            }
        }

        public void SetPayload(long payload)
        {
            Entry entry = new(handle.Address);
            entry.Payload = payload;
        }

        public void Replace(SortedSetValue value)
        {
            Entry entry = new(handle.Address) { Encoding = value.Encoding };
            entry.Payload = value.Address;
        }

        public void Dispose()
        {
            if (!handle.Exists) return;
            Type.Free(Value);
            new Entry(handle.Address).FreeShell();
        }
    }

    private sealed class Factory : IEntryFactory
    {
        public KeyEntry Create(ReadOnlySpan<byte> key, DataType type, byte encoding, long payload) =>
            new(Entry.CreateWithPayload(key, type.Id, encoding, payload).Address);

        public KeyEntry CreateEmbedded(ReadOnlySpan<byte> key, DataType type, byte encoding, ReadOnlySpan<byte> value) =>
            throw new NotSupportedException("Sorted sets are never embedded.");
    }

    private sealed class Collecting : IElementVisitor
    {
        public List<(string Member, double Score)> Seen { get; } = [];

        public bool Visit(ReadOnlySpan<byte> element, double score)
        {
            Seen.Add((Encoding.Latin1.GetString(element), score));
            return true;
        }
    }

    private sealed class Digest : IDigestSink
    {
        public SortedSet<string> Elements { get; } = new(StringComparer.Ordinal);

        public void AddUnordered(ReadOnlySpan<byte> element) => Elements.Add(Encoding.Latin1.GetString(element));

        public void AddOrdered(ReadOnlySpan<byte> element) => throw new NotSupportedException("Order is not content.");
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

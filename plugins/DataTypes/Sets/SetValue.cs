// SetValue: what a set is made of, behind one interface for its three encodings.
//
//   intset     payload is an Intset                 all members are integers, few of them
//   listpack   payload is a Listpack                few and short members, in the order of their arrival
//   hashtable  payload is a NativeTable             anything else; each member is a PackedString that the table's owner frees
// A set goes from left to right as it grows (SetValue.Changing), and never back.
// Holds always: members are unique, whether they are stored as numbers or as text: a number equals its decimal text. The value
// is a copy of the entry's encoding and payload: who changes it stores it back (SetStore.Save).

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Sets;

/// <summary>The encodings, as the entry holds them.</summary>
internal static class SetEncoding
{
    public const byte Intset = 0;
    public const byte Listpack = 1;
    public const byte Table = 2;
}

/// <summary>A set, by value: encoding and address.</summary>
internal partial struct SetValue
{
    private SetValue(byte encoding, long payload)
    {
        Encoding = encoding;
        Payload = payload;
    }

    /// <summary>One of <see cref="SetEncoding"/>.</summary>
    public byte Encoding { get; private set; }

    /// <summary>Where the members are; 0 for no set.</summary>
    public long Payload { get; private set; }

    /// <summary>Whether there is a set.</summary>
    public readonly bool Exists => Payload != 0;

    /// <summary>Number of members.</summary>
    public readonly long Count => Encoding switch
    {
        SetEncoding.Intset => Intset.Count,
        SetEncoding.Listpack => Listpack.Count,
        _ => Table.Count,
    };

    /// <summary>Number of members, none when there is no set.</summary>
    public readonly long Size => Exists ? Count : 0;

    /// <summary>As an intset; only with that encoding.</summary>
    public readonly Intset Intset => new((nint)Payload);

    /// <summary>As a listpack; only with that encoding.</summary>
    public readonly Listpack Listpack => new((nint)Payload);

    /// <summary>As a table; only with that encoding.</summary>
    public readonly NativeTable<PackedStringTraits> Table => new((nint)Payload);

    /// <summary>The set in an entry's value.</summary>
    public static SetValue Of(in StoredValue value) => new(value.Encoding, value.Payload);

    /// <summary>An empty set of integers.</summary>
    public static SetValue CreateIntset() => new(SetEncoding.Intset, Intset.Create().Address);

    /// <summary>An empty set of few short members.</summary>
    public static SetValue CreateListpack() => new(SetEncoding.Listpack, Listpack.Create().Address);

    /// <summary>An empty set of anything.</summary>
    public static SetValue CreateTable() => new(SetEncoding.Table, NativeTable<PackedStringTraits>.Create().Address);

    /// <summary>A set around an intset, which it takes over.</summary>
    public static SetValue From(Intset intset) => new(SetEncoding.Intset, intset.Address);

    /// <summary>A set around a listpack, which it takes over.</summary>
    public static SetValue From(Listpack listpack) => new(SetEncoding.Listpack, listpack.Address);

    /// <summary>Whether both are the same set in memory.</summary>
    public readonly bool IsSameAs(SetValue other) => Exists && Payload == other.Payload;

    /// <summary>Whether the text is a member.</summary>
    public readonly bool Contains(ReadOnlySpan<byte> member) => Encoding switch
    {
        SetEncoding.Intset => IntegerText.TryParse(member, out long number) && Intset.Contains(number),
        SetEncoding.Listpack => Listpack.Find(member, Listpack.First, skip: 0) >= 0,
        _ => Table.Find(member, KeyHash.Of(member)) != 0,
    };

    /// <summary>Whether the member of another set that the walk stands at is one of this set.</summary>
    public readonly bool Contains(ref MemberWalk member) => Encoding switch
    {
        SetEncoding.Intset => member.TryGetInteger(out long number) && Intset.Contains(number),
        SetEncoding.Listpack => Listpack.Find(member.Text, Listpack.First, skip: 0) >= 0,
        _ => Table.Find(member.Text, member.Hash) != 0,
    };

    /// <summary>A set of its own with the same members in the same encoding.</summary>
    public readonly SetValue Copy()
    {
        if (Encoding == SetEncoding.Intset) return From(Intset.Copy());
        if (Encoding == SetEncoding.Listpack) return From(Listpack.Copy());

        SetValue copy = CreateTable();
        foreach (nint address in Table)
        {
            ReadOnlySpan<byte> member = new PackedString(address).Span;
            copy.Table.Insert(PackedString.Create(member).Address, KeyHash.Of(member));
        }

        return copy;
    }

    /// <summary>Gives all memory back. From any thread once nobody else can reach the set.</summary>
    public readonly void Free()
    {
        switch (Encoding)
        {
            case SetEncoding.Intset:
                Intset.Free();
                break;
            case SetEncoding.Listpack:
                Listpack.Free();
                break;
            default:
                MemberRelease release = default;
                Table.Free(ref release);
                break;
        }
    }

    /// <summary>Bytes that the allocator set aside for the set.</summary>
    /// <param name="samples">How many members of a table to look at before extrapolating; 0 for all.</param>
    public readonly long MemoryBytes(int samples)
    {
        if (Encoding == SetEncoding.Intset) return (long)Intset.MemoryBytes;
        if (Encoding == SetEncoding.Listpack) return (long)Listpack.MemoryBytes;

        long memberCount = Table.Count;
        long sampledCount = 0, sampledBytes = 0;
        foreach (nint address in Table)
        {
            sampledBytes += (long)new PackedString(address).MemoryBytes;
            if (++sampledCount == samples) break;
        }

        double meanBytes = sampledCount == 0 ? 0 : (double)sampledBytes / sampledCount;
        return Table.MemoryBytes + (long)(meanBytes * memberCount);
    }

    /// <summary>Frees the members of a table.</summary>
    private struct MemberRelease : IEntryVisitor
    {
        public readonly void Visit(nint entry) => new PackedString(entry).Free();
    }
}

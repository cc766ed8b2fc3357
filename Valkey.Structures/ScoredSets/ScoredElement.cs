// ScoredElement: one member of a large sorted set with its score, in one allocation: [score: 8][member's length: 4][member].
// The hash table that finds members and the tree that orders them point to the same allocation, so a member is stored once.
// Holds always: the member never changes while the element lives; the score is changed by ScoredSet only, because the tree
// keeps a copy of it.

namespace Valkey.Structures;

/// <summary>A view of one scored member in native memory. Owns nothing; spans from it end with the element.</summary>
public readonly unsafe struct ScoredElement : IEquatable<ScoredElement>
{
    private const int LengthOffset = sizeof(double);
    private const int MemberOffset = LengthOffset + sizeof(int);

    private readonly byte* _address;

    /// <summary>Views what an earlier element's <see cref="Address"/> points to.</summary>
    public ScoredElement(nint address) => _address = (byte*)address;

    /// <summary>Where the element is; 0 for none.</summary>
    public nint Address => (nint)_address;

    /// <summary>Whether there is no element.</summary>
    public bool IsNull => _address == null;

    /// <summary>The score; never NaN.</summary>
    public double Score
    {
        get => *(double*)_address;
        internal set => *(double*)_address = value;
    }

    /// <summary>The member's bytes.</summary>
    public ReadOnlySpan<byte> Member => new(_address + MemberOffset, *(int*)(_address + LengthOffset));

    /// <summary>Bytes of the allocation.</summary>
    internal nuint SizeBytes => (nuint)(MemberOffset + *(int*)(_address + LengthOffset));

    /// <summary>Bytes that the allocator set aside for the element.</summary>
    internal long MemoryBytes => (long)NativeHeap.UsableSize(SizeBytes);

    /// <summary>Compares addresses, not members.</summary>
    public static bool operator ==(ScoredElement left, ScoredElement right) => left._address == right._address;

    /// <summary>Compares addresses, not members.</summary>
    public static bool operator !=(ScoredElement left, ScoredElement right) => left._address != right._address;

    /// <inheritdoc/>
    public bool Equals(ScoredElement other) => _address == other._address;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ScoredElement other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Address.GetHashCode();

    internal static ScoredElement Create(double score, ReadOnlySpan<byte> member)
    {
        byte* address = (byte*)NativeHeap.Allocate((nuint)(MemberOffset + member.Length));
        *(double*)address = score;
        *(int*)(address + LengthOffset) = member.Length;
        member.CopyTo(new Span<byte>(address + MemberOffset, member.Length));
        return new ScoredElement((nint)address);
    }

    internal void Free() => NativeHeap.Free(Address, SizeBytes);
}

/// <summary>For tables of <see cref="ScoredElement"/>.</summary>
public readonly struct ScoredElementTraits : IEntryTraits
{
    /// <inheritdoc/>
    public static ReadOnlySpan<byte> KeyOf(nint entry) => new ScoredElement(entry).Member;
}

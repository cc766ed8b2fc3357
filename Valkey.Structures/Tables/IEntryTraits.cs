namespace Valkey.Structures;

/// <summary>What a table must know of the things it holds pointers to.</summary>
public interface IEntryTraits
{
    /// <summary>The key of what is at this address; it must not change while it is in a table.</summary>
    static abstract ReadOnlySpan<byte> KeyOf(nint entry);
}

/// <summary>For tables of <see cref="Entry"/>.</summary>
public readonly struct EntryTraits : IEntryTraits
{
    /// <inheritdoc/>
    public static ReadOnlySpan<byte> KeyOf(nint entry) => new Entry(entry).Key;
}

/// <summary>Is shown the entries of a table, one at a time. A struct, so that the call costs nothing.</summary>
public interface IEntryVisitor
{
    /// <summary>One entry. What may be done to the table meanwhile is said by the method that visits.</summary>
    void Visit(nint entry);
}

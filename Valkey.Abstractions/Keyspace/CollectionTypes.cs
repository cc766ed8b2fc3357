// What one data type lets others see of its values: SORT reads lists, sets and sorted sets, and fields of hashes; ZUNION
// takes sets. A plugin never references another; it asks the type of a key whether it is one of these.

namespace Valkey.Abstractions;

/// <summary>Sees the elements of a collection one by one.</summary>
public interface IElementVisitor
{
    /// <summary>One element; its bytes are valid during the call only.</summary>
    /// <param name="element">The element, integers as decimal text.</param>
    /// <param name="score">Its score in a sorted set; 1 in a set; 0 in a list.</param>
    /// <returns>False to see no more.</returns>
    bool Visit(ReadOnlySpan<byte> element, double score);
}

/// <summary>What kind of collection a type is.</summary>
public enum CollectionKind
{
    /// <summary>Ordered by position.</summary>
    List,

    /// <summary>Unordered, members unique.</summary>
    Set,

    /// <summary>Ordered by score, then bytes; members unique.</summary>
    SortedSet,
}

/// <summary>A <see cref="DataType"/> whose values are collections of elements.</summary>
public interface ICollectionType
{
    /// <summary>Which kind.</summary>
    CollectionKind Kind { get; }

    /// <summary>Shows all elements, in the collection's order where it has one. The value must not change meanwhile.</summary>
    void ForEach(in StoredValue value, IElementVisitor visitor);

    /// <summary>As <see cref="ForEach"/> from a position on, in either direction: of lists and sorted sets.</summary>
    /// <param name="value">The value.</param>
    /// <param name="start">Index of the first element to show, 0 for the first or, reversed, for the last.</param>
    /// <param name="reversed">From the end to the start.</param>
    /// <param name="visitor">Sees them.</param>
    void ForEachFrom(in StoredValue value, long start, bool reversed, IElementVisitor visitor);

    /// <summary>Whether the member is there; its score in a sorted set, 1 in a set. Not for lists.</summary>
    bool TryFind(in StoredValue value, ReadOnlySpan<byte> member, out double score);
}

/// <summary>A <see cref="DataType"/> whose values map fields to strings.</summary>
public interface IFieldType
{
    /// <summary>The value of a field that has not expired; valid until the hash changes.</summary>
    bool TryGetField(in StoredValue value, ReadOnlySpan<byte> field, long nowUnixMs, out ReadOnlySpan<byte> fieldValue);
}

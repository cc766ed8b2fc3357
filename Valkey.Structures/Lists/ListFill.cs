// How much one node of a list may hold: list-max-listpack-size.
//
//   -1 to -5    4, 8, 16, 32, 64 KB
//   1 and more  so many elements, and at most 8 KB
// An element that is larger than a node may be gets a node of its own, as plain bytes. The same limit decides when a list that
// is one listpack becomes a quicklist.
// Source: https://valkey.io/topics/memory-optimization/, valkey.conf.

namespace Valkey.Structures;

/// <summary>The limit of a list's nodes.</summary>
public readonly struct ListFill
{
    /// <summary>The most elements that can be asked for; more is cut to this.</summary>
    public const int ElementsMax = short.MaxValue;

    private const int SizeClassLargest = -5;
    private const int SizeSafetyBytes = 8192;

    // What a listpack adds to an element at most, roughly: prefix and backlen.
    private const int ElementOverheadBytes = 8;

    // Stands for the limit of a part: no option's value is cut to it.
    private const short PartFill = short.MinValue;
    private const int PartBytes = 1024;

    private static int s_largeElementBytes;

    private readonly short _fill;

    private ListFill(short fill) => _fill = fill;

    /// <summary>From the option's value; what lies outside of the range is cut.</summary>
    public ListFill(int fill) => _fill = (short)Math.Clamp(fill, SizeClassLargest, ElementsMax);

    /// <summary>
    /// The limit of the parts in which a list that counts as one listpack may lie: parts that fill a size class of the allocator,
    /// so that less than one of them is wasted.
    /// </summary>
    public static ListFill Part => new(PartFill);

    /// <summary>
    /// From how many bytes on an element is large whatever the fill; 0 to go by the fill. A lever for tests: DEBUG
    /// QUICKLIST-PACKED-THRESHOLD.
    /// </summary>
    public static int LargeElementBytes
    {
        get => s_largeElementBytes;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            s_largeElementBytes = value;
        }
    }

    /// <summary>The value: a size class below zero, a number of elements from zero on.</summary>
    public int Value => _fill;

    /// <summary>Bytes that a node may have; <see cref="long.MaxValue"/> when elements are counted.</summary>
    public long BytesMax
    {
        get
        {
            if (_fill >= 0) return long.MaxValue;
            return _fill == PartFill ? PartBytes : 2048L << -_fill;
        }
    }

    /// <summary>Elements that a node may have; <see cref="int.MaxValue"/> when bytes are counted.</summary>
    public int CountMax => _fill < 0 ? int.MaxValue : Math.Max((int)_fill, 1);

    /// <summary>Whether a node of this size is too large.</summary>
    public bool IsExceeded(long sizeBytes, long count) =>
        _fill < 0 ? sizeBytes > BytesMax : sizeBytes > SizeSafetyBytes || count > CountMax;

    /// <summary>Whether a node may take one element more of that length.</summary>
    public bool HasRoom(long sizeBytes, long count, int elementLength) =>
        !IsLarge(elementLength) && !IsExceeded(sizeBytes + elementLength + OverheadBytes(elementLength), count + 1);

    /// <summary>Whether an element of this length gets a node of its own.</summary>
    public bool IsLarge(int elementLength)
    {
        if (s_largeElementBytes != 0) return elementLength >= s_largeElementBytes;
        return elementLength > (_fill < 0 ? BytesMax : SizeSafetyBytes);
    }

    // Parts are to be filled; elsewhere the estimate is Valkey's, so that lists fall into the same nodes.
    private int OverheadBytes(int elementLength) =>
        _fill == PartFill ? EncodedElement.OverheadOfText(elementLength) : ElementOverheadBytes;
}

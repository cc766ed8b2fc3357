// An integer of 1 to 64 bits at any bit of a string, most significant bit first, and what happens to a value that does
// not fit into it. Nine bytes hold 64 bits at any position, so a field is read and written as part of 128 bits.
// Holds always: unsigned fields have at most 63 bits, so that every value is a signed 64-bit number.
// Source: https://valkey.io/commands/bitfield/

namespace Valkey.Strings;

/// <summary>What becomes of a value that does not fit.</summary>
internal enum BitFieldOverflow
{
    Wrap,
    Saturate,
    Fail,
}

/// <summary>Where a field lies and how its bits are read.</summary>
internal readonly record struct BitField(long Offset, int Width, bool IsSigned)
{
    private const int BytesMax = 9;

    private Int128 Min => IsSigned ? -(Int128.One << (Width - 1)) : Int128.Zero;

    private Int128 Max => (Int128.One << (IsSigned ? Width - 1 : Width)) - Int128.One;

    private UInt128 Mask => (UInt128.One << Width) - UInt128.One;

    /// <summary>The field's value; what lies behind the bytes counts as zero.</summary>
    public long Read(ReadOnlySpan<byte> bytes)
    {
        UInt128 window = ReadWindow(bytes, out int shift);
        ulong value = (ulong)((window >> shift) & Mask);
        if (!IsSigned || Width == 64) return (long)value;

        int unused = 64 - Width;
        return (long)(value << unused) >> unused;
    }

    /// <summary>Writes the value's lowest bits. The bytes reach at least to the field's end.</summary>
    public void Write(Span<byte> bytes, long value)
    {
        UInt128 window = ReadWindow(bytes, out int shift);
        window = (window & ~(Mask << shift)) | (((UInt128)(ulong)value & Mask) << shift);

        int first = (int)(Offset >> 3);
        int last = (int)((Offset + Width - 1) >> 3);
        for (int i = first; i <= last; i++) bytes[i] = (byte)(window >> ((BytesMax - 1 - (i - first)) * 8));
    }

    /// <summary>What SET means by a number, which need not fit.</summary>
    /// <remarks>
    /// Two quirks of Valkey are kept, which show with SAT: a negative number for an unsigned field is a large one, and one
    /// so far below a signed field's maximum that the distance overflows counts as above it.
    /// </remarks>
    public Int128 Wanted(long value)
    {
        if (!IsSigned) return (ulong)value;
        bool isDistanceTooLarge = Width < 64 && Max - value > long.MaxValue;
        return isDistanceTooLarge ? value + (Int128.One << 64) : value; // the same lowest 64 bits, for WRAP
    }

    /// <summary>Brings a value into the field's range; false when it does not fit and is not to be written.</summary>
    public bool TryFit(Int128 wanted, BitFieldOverflow overflow, out long value)
    {
        value = unchecked((long)wanted);
        if (wanted >= Min && wanted <= Max) return true;
        if (overflow == BitFieldOverflow.Fail) return false;

        if (overflow == BitFieldOverflow.Saturate)
        {
            value = (long)(wanted > Max ? Max : Min);
            return true;
        }

        value = Wrap(unchecked((ulong)(UInt128)wanted));
        return true;
    }

    private long Wrap(ulong bits)
    {
        int unused = 64 - Width;
        bits <<= unused;
        return IsSigned ? (long)bits >> unused : (long)(bits >> unused);
    }

    // Nine bytes from the field's first one on, as the low bits of the result, and by how much the field is shifted in them.
    private UInt128 ReadWindow(ReadOnlySpan<byte> bytes, out int shift)
    {
        long first = Offset >> 3;
        UInt128 window = UInt128.Zero;
        for (int i = 0; i < BytesMax; i++)
        {
            window <<= 8;
            if (first + i < bytes.Length) window |= bytes[(int)(first + i)];
        }

        shift = (BytesMax * 8) - (int)(Offset & 7) - Width;
        return window;
    }
}

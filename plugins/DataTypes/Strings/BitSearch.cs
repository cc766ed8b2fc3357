// Finds the first set or clear bit. Whole bytes without one are passed over by the vectorised search of the base library;
// the two bytes at the ends of a range are looked at through masks.

using System.Numerics;

namespace Valkey.Strings;

internal static class BitSearch
{
    /// <summary>The first bit of this kind from one bit to another, both included; -1 when there is none.</summary>
    public static long FindFirst(ReadOnlySpan<byte> bytes, bool isSet, long firstBit, long lastBit)
    {
        int first = (int)(firstBit >> 3);
        int last = (int)(lastBit >> 3);
        byte nothing = isSet ? (byte)0x00 : (byte)0xFF; // a byte that has no such bit
        byte beforeFirst = (byte)~(0xFF >> (int)(firstBit & 7));
        byte behindLast = (byte)(0x7F >> (int)(lastBit & 7));

        byte mask = first == last ? (byte)(beforeFirst | behindLast) : beforeFirst;
        byte edge = Hide(bytes[first], mask, nothing);
        if (edge != nothing) return PositionIn(edge, nothing, first);
        if (first == last) return -1;

        int inner = bytes[(first + 1)..last].IndexOfAnyExcept(nothing);
        if (inner >= 0) return PositionIn(bytes[first + 1 + inner], nothing, first + 1 + inner);

        edge = Hide(bytes[last], behindLast, nothing);
        return edge != nothing ? PositionIn(edge, nothing, last) : -1;
    }

    private static byte Hide(byte value, byte mask, byte nothing) => (byte)((value & ~mask) | (nothing & mask));

    private static long PositionIn(byte value, byte nothing, int index) =>
        ((long)index * 8) + BitOperations.LeadingZeroCount((uint)(value ^ nothing)) - 24;
}

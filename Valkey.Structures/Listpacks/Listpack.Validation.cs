// Tells whether bytes from outside are a listpack. Reads nothing outside of them, whatever they say.

using System.Buffers.Binary;

namespace Valkey.Structures;

public readonly unsafe partial struct Listpack
{
    /// <summary>Whether the bytes are a listpack.</summary>
    /// <param name="bytes">Any bytes.</param>
    /// <param name="everyElement">
    /// Whether to walk all elements. Without it only header and end are looked at, which does not make walking safe.
    /// </param>
    public static bool IsValid(ReadOnlySpan<byte> bytes, bool everyElement)
    {
        if (bytes.Length < ListpackFormat.EmptyBytes) return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes) != (uint)bytes.Length) return false;
        if (bytes[^1] != ListpackFormat.End) return false;

        return !everyElement || AreElementsValid(bytes);
    }

    private static bool AreElementsValid(ReadOnlySpan<byte> bytes)
    {
        int expectedCount = BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]);
        int count = 0;
        fixed (byte* start = bytes)
        {
            byte* last = start + bytes.Length - 1; // the end mark; an element ends before it
            byte* at = start + ListpackFormat.HeaderBytes;
            while (*at != ListpackFormat.End)
            {
                int prefixBytes = ListpackFormat.PrefixBytes(*at);
                if (prefixBytes == 0 || prefixBytes > last - at) return false;

                long elementBytes = ListpackFormat.ElementBytes(at);
                long skippedBytes = elementBytes + ListpackFormat.BacklenBytes(elementBytes);
                if (skippedBytes > last - at) return false;

                at += skippedBytes;
                if (ListpackFormat.ReadBacklen(at - 1) != elementBytes) return false;
                count++;
            }

            if (at != last) return false;
        }

        return expectedCount == ListpackFormat.CountUnknown || expectedCount == count;
    }
}

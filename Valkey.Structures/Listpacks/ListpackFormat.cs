// The bytes of one listpack element, read.
//
//   0xxxxxxx                     integer 0 to 127                     [backlen]
//   10xxxxxx [bytes]             string up to 63 bytes                [backlen]
//   110xxxxx [1]                 integer of 13 bits                   [backlen]
//   1110xxxx [1] [bytes]         string up to 4095 bytes              [backlen]
//   11110000 [4] [bytes]         string, length little-endian         [backlen]
//   11110001 [2] .. 0100 [8]     integer of 16, 24, 32, 64 bits, two's complement, little-endian [backlen]
//   11111111                     the end
// The backlen tells the length of what precedes it, 7 bits a byte, the most significant byte first, all but the first with
// their high bit set: it is read from its last byte backwards. Source: the listpack specification (listpack.md).
// Nothing here checks bounds: the listpack was written by us or found valid before.

using System.Runtime.CompilerServices;

namespace Valkey.Structures;

internal static unsafe class ListpackFormat
{
    public const int HeaderBytes = 6; // [total bytes: 4][elements: 2]
    public const int EmptyBytes = HeaderBytes + 1;
    public const ushort CountUnknown = ushort.MaxValue;
    public const int BacklenBytesMax = 5;

    public const byte TinyStringTag = 0x80;
    public const byte TinyStringMask = 0xC0;
    public const int TinyStringMax = 63;

    public const byte Integer13Tag = 0xC0;
    public const byte Integer13Mask = 0xE0;

    public const byte ShortStringTag = 0xE0;
    public const byte ShortStringMask = 0xF0;
    public const int ShortStringMax = 4095;

    public const byte LongStringTag = 0xF0;
    public const byte Integer16Tag = 0xF1;
    public const byte Integer24Tag = 0xF2;
    public const byte Integer32Tag = 0xF3;
    public const byte Integer64Tag = 0xF4;
    public const byte End = 0xFF;

    /// <summary>Bytes of tag and length field together; 0 for a byte that begins nothing.</summary>
    public static int PrefixBytes(byte tag)
    {
        if ((tag & 0x80) == 0 || (tag & TinyStringMask) == TinyStringTag || (tag & Integer13Mask) == Integer13Tag) return 1;
        if ((tag & ShortStringMask) == ShortStringTag) return 2;
        if (tag == LongStringTag) return 5;
        return tag is >= Integer16Tag and <= Integer64Tag ? 1 : 0;
    }

    /// <summary>Bytes of the element without its backlen. Wide, since a hostile length field may say anything.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long ElementBytes(byte* element)
    {
        byte tag = *element;
        if ((tag & 0x80) == 0) return 1;
        if ((tag & TinyStringMask) == TinyStringTag) return 1 + (tag & TinyStringMax);
        return LongElementBytes(element);
    }

    /// <summary>How many bytes a backlen takes that tells this length.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int BacklenBytes(long elementBytes)
    {
        // The upper three limits are one short of what would fit: so the format is written everywhere.
        if (elementBytes <= 127) return 1;
        if (elementBytes < 16383) return 2;
        if (elementBytes < 2097151) return 3;
        return elementBytes < 268435455 ? 4 : 5;
    }

    /// <summary>The element after this one, or the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* Skip(byte* element)
    {
        long bytes = ElementBytes(element);
        return element + bytes + BacklenBytes(bytes);
    }

    /// <summary>Reads the backlen whose last byte this is; -1 when it goes on for too long.</summary>
    public static long ReadBacklen(byte* last)
    {
        long value = 0;
        for (int shift = 0; shift < 7 * BacklenBytesMax; shift += 7)
        {
            value |= (long)(*last & 127) << shift;
            if ((*last & 128) == 0) return value;
            last--;
        }

        return -1;
    }

    public static void WriteBacklen(byte* target, long elementBytes)
    {
        int count = BacklenBytes(elementBytes);
        for (int i = count - 1; i > 0; i--)
        {
            target[i] = (byte)((elementBytes & 127) | 128);
            elementBytes >>= 7;
        }

        target[0] = (byte)elementBytes;
    }

    /// <summary>The element at an address, as a view.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ListpackElement Read(byte* element)
    {
        byte tag = *element;
        if ((tag & 0x80) == 0) return new ListpackElement(tag);
        if ((tag & TinyStringMask) == TinyStringTag)
        {
            return new ListpackElement(new ReadOnlySpan<byte>(element + 1, tag & TinyStringMax));
        }

        return ReadLong(element);
    }

    private static long LongElementBytes(byte* element)
    {
        byte tag = *element;
        if ((tag & Integer13Mask) == Integer13Tag) return 2;
        if ((tag & ShortStringMask) == ShortStringTag) return 2 + (((tag & 0x0F) << 8) | element[1]);
        return tag switch
        {
            LongStringTag => 5 + (long)Unsafe.ReadUnaligned<uint>(element + 1),
            Integer16Tag => 3,
            Integer24Tag => 4,
            Integer32Tag => 5,
            Integer64Tag => 9,
            _ => 1,
        };
    }

    private static ListpackElement ReadLong(byte* element)
    {
        byte tag = *element;
        if ((tag & Integer13Mask) == Integer13Tag)
        {
            int bits = ((tag & 0x1F) << 8) | element[1];
            return new ListpackElement((bits << 19) >> 19);
        }

        if ((tag & ShortStringMask) == ShortStringTag)
        {
            return new ListpackElement(new ReadOnlySpan<byte>(element + 2, ((tag & 0x0F) << 8) | element[1]));
        }

        return tag switch
        {
            LongStringTag => new ListpackElement(new ReadOnlySpan<byte>(element + 5, Unsafe.ReadUnaligned<int>(element + 1))),
            Integer16Tag => new ListpackElement(Unsafe.ReadUnaligned<short>(element + 1)),
            Integer24Tag => new ListpackElement(element[1] | (element[2] << 8) | ((sbyte)element[3] << 16)),
            Integer32Tag => new ListpackElement(Unsafe.ReadUnaligned<int>(element + 1)),
            _ => new ListpackElement(Unsafe.ReadUnaligned<long>(element + 1)),
        };
    }
}

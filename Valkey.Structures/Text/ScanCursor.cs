// The cursors of SCAN, SSCAN, HSCAN and ZSCAN: what strtoull(3) takes, but nothing negative and no blanks.

namespace Valkey.Structures;

/// <summary>The cursor of a scan as clients write it.</summary>
public static class ScanCursor
{
    /// <summary>Reads a cursor; false when the text is none.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out ulong cursor)
    {
        cursor = 0;
        if (text is [(byte)'+', ..]) text = text[1..];
        if (text.IsEmpty) return false;
        foreach (byte digit in text)
        {
            if (digit is < (byte)'0' or > (byte)'9') return false;
            ulong value = (ulong)(digit - '0');
            if (cursor > (ulong.MaxValue - value) / 10) return false;
            cursor = (cursor * 10) + value;
        }

        return true;
    }
}

// Glob patterns as KEYS, SCAN, PSUBSCRIBE and CONFIG GET know them (https://valkey.io/commands/keys/): * ? [abc] [^a-z] \x.
//
// Only the last * ever needs to be tried at another place: when everything behind it fails wherever it is put, a longer
// match of an earlier * leaves even less text and fails too. So the cost is at most pattern times text, whatever the pattern.
// Quirks kept for compatibility: an empty text matches the empty pattern only; a class that is not closed ends with the
// pattern; a range may be written backwards; bytes compare as signed within ranges.

namespace Valkey.Structures;

/// <summary>Glob patterns over bytes.</summary>
public static class GlobPattern
{
    /// <summary>Patterns with more groups of * than this match nothing behind them, as in Valkey.</summary>
    private const int StarGroupsMax = 1000;

    /// <summary>Whether the whole text fits the pattern.</summary>
    public static bool Matches(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> text, bool ignoreCase)
    {
        int patternIndex = 0, textIndex = 0;
        int afterStar = -1, starTextIndex = 0, starGroupCount = 0;
        while (true)
        {
            if (patternIndex < pattern.Length && textIndex < text.Length)
            {
                if (pattern[patternIndex] == '*')
                {
                    patternIndex = SkipStars(pattern, patternIndex);
                    if (patternIndex == pattern.Length) return true;
                    if (++starGroupCount > StarGroupsMax) return false;
                    afterStar = patternIndex;
                    starTextIndex = textIndex;
                    continue;
                }

                if (MatchesOne(pattern, ref patternIndex, text[textIndex], ignoreCase))
                {
                    textIndex++;
                    if (textIndex == text.Length) patternIndex = SkipStars(pattern, patternIndex);
                    continue;
                }
            }
            else if (patternIndex == pattern.Length && textIndex == text.Length)
            {
                return true;
            }

            // Try the last * one byte further on.
            if (afterStar < 0 || ++starTextIndex >= text.Length) return false;
            patternIndex = afterStar;
            textIndex = starTextIndex;
        }
    }

    private static int SkipStars(ReadOnlySpan<byte> pattern, int index)
    {
        while (index < pattern.Length && pattern[index] == '*') index++;
        return index;
    }

    /// <summary>Matches one byte against one element of the pattern and steps over that element.</summary>
    private static bool MatchesOne(ReadOnlySpan<byte> pattern, ref int index, byte letter, bool ignoreCase)
    {
        switch (pattern[index])
        {
            case (byte)'?':
                index++;
                return true;
            case (byte)'[':
                return MatchesClass(pattern, ref index, letter, ignoreCase);
            case (byte)'\\' when index + 1 < pattern.Length:
                index++;
                goto default;
            default:
                return AreEqual(pattern[index++], letter, ignoreCase);
        }
    }

    private static bool MatchesClass(ReadOnlySpan<byte> pattern, ref int index, byte letter, bool ignoreCase)
    {
        index++;
        bool isNegated = index < pattern.Length && pattern[index] == '^';
        if (isNegated) index++;

        bool isMatch = false;
        while (index < pattern.Length && pattern[index] != ']')
        {
            if (pattern[index] == '\\' && index + 1 < pattern.Length)
            {
                index++;
                isMatch |= pattern[index] == letter; // an escaped letter means itself, whatever the case
            }
            else if (index + 2 < pattern.Length && pattern[index + 1] == '-')
            {
                isMatch |= IsInRange(pattern[index], pattern[index + 2], letter, ignoreCase);
                index += 2;
            }
            else
            {
                isMatch |= AreEqual(pattern[index], letter, ignoreCase);
            }

            index++;
        }

        if (index < pattern.Length) index++; // the closing bracket
        return isMatch != isNegated;
    }

    private static bool IsInRange(byte first, byte last, byte letter, bool ignoreCase)
    {
        if ((sbyte)first > (sbyte)last) (first, last) = (last, first);
        if (!ignoreCase) return (sbyte)letter >= (sbyte)first && (sbyte)letter <= (sbyte)last;
        return (sbyte)Lower(letter) >= (sbyte)Lower(first) && (sbyte)Lower(letter) <= (sbyte)Lower(last);
    }

    private static bool AreEqual(byte left, byte right, bool ignoreCase) =>
        left == right || (ignoreCase && Lower(left) == Lower(right));

    private static byte Lower(byte letter) => letter is >= (byte)'A' and <= (byte)'Z' ? (byte)(letter | 0x20) : letter;
}

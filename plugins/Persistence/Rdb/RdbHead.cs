namespace Valkey.Rdb;

/// <summary>What the options say about loading.</summary>
internal readonly record struct RdbLoadSettings(bool IsRelaxed, bool VerifiesChecksum, bool IsSanitizing);

/// <summary>The magic's version.</summary>
internal static class RdbHead
{
    /// <summary>Reads the version behind the six characters of the magic; false when we do not read it.</summary>
    public static bool TryVersion(ReadOnlySpan<char> digits, bool isValkey, bool isRelaxed, out int version)
    {
        version = 0;
        foreach (char digit in digits)
        {
            if (!char.IsAsciiDigit(digit)) break;
            version = (version * 10) + (digit - '0');
        }

        return isValkey == RdbVersion.HasValkeyMagic(version) && IsAccepted(version, isRelaxed);
    }

    /// <summary><c>rdb-version-check</c>: strict refuses versions that are newer than we know or of other servers.</summary>
    public static bool IsAccepted(int version, bool isRelaxed) =>
        version >= 1 && (isRelaxed || (version <= RdbVersion.Highest && !RdbVersion.IsForeign(version)));
}

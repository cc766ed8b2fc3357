// How the RDB format names a type that it does not know: type code 7 and a 64-bit id, 9 characters of 6 bits each and 10
// bits for the version of the encoding. Behind it every part of the value is marked with its kind, so that tools can pass
// over values whose module they do not have (https://valkey.io/topics/modules-native-types/).

namespace Valkey.Abstractions;

/// <summary>Makes the ids under which RDB files hold the values of modules' types.</summary>
public static class ModuleTypeId
{
    /// <summary>The RDB type code of all of them.</summary>
    public const byte TypeCode = 7;

    /// <summary>Characters of a name.</summary>
    public const int NameLength = 9;

    /// <summary>The largest encoding version.</summary>
    public const int EncodingVersionMax = 1023;

    private const string Characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    private const int CharacterBits = 6;
    private const int VersionBits = 10;

    /// <summary>The id of a type.</summary>
    /// <param name="name">Nine characters of A-Z, a-z, 0-9, - and _, unique among all modules in the world.</param>
    /// <param name="encodingVersion">0 to 1023, raised when the type saves itself in another way.</param>
    /// <exception cref="ArgumentException">The name or the version is none.</exception>
    public static ulong Of(string name, int encodingVersion)
    {
        if (name.Length != NameLength) throw new ArgumentException($"A module type's name has {NameLength} characters.", nameof(name));
        ArgumentOutOfRangeException.ThrowIfNegative(encodingVersion);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(encodingVersion, EncodingVersionMax);

        ulong id = 0;
        foreach (char character in name)
        {
            int index = Characters.IndexOf(character, StringComparison.Ordinal);
            if (index < 0) throw new ArgumentException($"'{character}' cannot stand in a module type's name.", nameof(name));
            id = (id << CharacterBits) | (uint)index;
        }

        return (id << VersionBits) | (uint)encodingVersion;
    }

    /// <summary>Whether two ids name the same type, in whatever encoding version.</summary>
    public static bool IsSameType(ulong id, ulong otherId) => id >> VersionBits == otherId >> VersionBits;
}

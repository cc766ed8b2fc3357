// The numbers of the format. Source: https://valkey.io/topics/persistence/ and the files that servers write.
//
// A file: magic and version (9 bytes), then records that begin with one byte: an operation below, or the type code of a
// key, which is followed by the key and its value. The end mark is followed by the checksum, from version 5 on.
// A length: 00xxxxxx 6 bits; 01xxxxxx + 1 byte, 14 bits; 10000000 + 4 bytes and 10000001 + 8 bytes, big-endian;
// 11xxxxxx says that a specially encoded string follows.

namespace Valkey.Rdb;

/// <summary>What a record that is not a key is.</summary>
internal static class RdbOperation
{
    public const byte SlotImport = 243;
    public const byte SlotInfo = 244;
    public const byte Function = 245;
    public const byte FunctionPreRelease = 246;
    public const byte ModuleAux = 247;
    public const byte Idle = 248;
    public const byte Frequency = 249;
    public const byte Field = 250;
    public const byte ResizeDatabase = 251;
    public const byte ExpireMs = 252;
    public const byte ExpireSeconds = 253;
    public const byte SelectDatabase = 254;
    public const byte End = 255;
}

/// <summary>How a key's value is laid out.</summary>
internal static class RdbTypeCode
{
    public const byte String = 0;
    public const byte List = 1;
    public const byte Set = 2;
    public const byte SortedSetText = 3; // scores as decimal text
    public const byte Hash = 4;
    public const byte SortedSet = 5;
    public const byte ModulePreRelease = 6;
    public const byte Module = 7;
    public const byte HashZipmap = 9;
    public const byte ListZiplist = 10;
    public const byte SetIntset = 11;
    public const byte SortedSetZiplist = 12;
    public const byte HashZiplist = 13;
    public const byte ListQuicklist = 14;
    public const byte Stream = 15;
    public const byte HashListpack = 16;
    public const byte SortedSetListpack = 17;
    public const byte ListQuicklist2 = 18;
    public const byte Stream2 = 19;
    public const byte SetListpack = 20;
    public const byte Stream3 = 21;
    public const byte HashWithExpiry = 22;

    // From here on other servers that go by the REDIS magic mean other things.
    public const byte FirstOfValkey = 22;
    public const byte Last = 22;

    private static readonly string[] s_names =
    [
        "string", "list-linked", "set-hashtable", "zset-v1", "hash-hashtable", "zset-v2", "module-pre-release", "module-value", "",
        "hash-zipmap", "list-ziplist", "set-intset", "zset-ziplist", "hash-ziplist", "quicklist", "stream", "hash-listpack",
        "zset-listpack", "quicklist-v2", "stream-v2", "set-listpack", "stream-v3", "hash-volatile-items",
    ];

    /// <summary>Whether a record that begins with this byte is a key.</summary>
    public static bool IsKnown(int code) => code is >= String and <= Last and not 8;

    /// <summary>What Valkey's tools call the code.</summary>
    public static string NameOf(int code) => (uint)code < (uint)s_names.Length ? s_names[code] : "unknown";
}

/// <summary>How a string is stored when it is not stored as it is.</summary>
internal static class RdbStringEncoding
{
    public const int Int8 = 0;
    public const int Int16 = 1;
    public const int Int32 = 2;
    public const int Lzf = 3;
}

/// <summary>The kind of each part of a module's value.</summary>
internal static class RdbModulePart
{
    public const byte End = 0;
    public const byte SignedInteger = 1;
    public const byte UnsignedInteger = 2;
    public const byte Float = 3;
    public const byte Double = 4;
    public const byte String = 5;
}

/// <summary>Versions of the format and who can read them.</summary>
internal static class RdbVersion
{
    /// <summary>Checksum at the end.</summary>
    public const int FirstWithChecksum = 5;

    /// <summary>Numbers of 8 bytes are little-endian on every machine since.</summary>
    public const int FirstLittleEndian = 9;

    /// <summary>The lowest that we write: it has everything but sets in listpacks and fields that expire. Redis 7.0 reads it.</summary>
    public const int Lowest = 10;

    /// <summary>Sets in listpacks. Redis 7.2 and Valkey 7.2 read it.</summary>
    public const int WithSetListpacks = 11;

    /// <summary>Fields that expire, and the magic VALKEY. Valkey 9.0 reads it.</summary>
    public const int WithFieldExpiry = 80;

    /// <summary>The highest that we know.</summary>
    public const int Highest = 80;

    private const int ForeignFirst = 12;
    private const int ForeignLast = 79;

    /// <summary>Versions that other servers use for formats of their own.</summary>
    public static bool IsForeign(int version) => version is >= ForeignFirst and <= ForeignLast;

    /// <summary>Whether the file begins with VALKEY rather than with REDIS.</summary>
    public static bool HasValkeyMagic(int version) => version > ForeignLast;

    /// <summary>The lowest version that has the type code.</summary>
    public static int Of(byte typeCode) => typeCode switch
    {
        RdbTypeCode.HashWithExpiry => WithFieldExpiry,
        RdbTypeCode.SetListpack or RdbTypeCode.Stream3 => WithSetListpacks,
        _ => Lowest,
    };
}

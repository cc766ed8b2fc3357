// Key specifications: where a command's keys stand among its arguments (https://valkey.io/topics/key-specs/).

namespace Valkey.Abstractions;

/// <summary>What a command does with the keys of a specification.</summary>
[Flags]
public enum KeySpecFlags
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>RO: reads the value.</summary>
    ReadOnly = 1 << 0,

    /// <summary>RW: modifies the value.</summary>
    ReadWrite = 1 << 1,

    /// <summary>OW: overwrites the value without reading it.</summary>
    Overwrite = 1 << 2,

    /// <summary>RM: deletes the key.</summary>
    Remove = 1 << 3,

    /// <summary>User data of the value is returned, copied or compared.</summary>
    Access = 1 << 4,

    /// <summary>User data of the value is changed.</summary>
    Update = 1 << 5,

    /// <summary>User data is added to the value.</summary>
    Insert = 1 << 6,

    /// <summary>User data is removed from the value.</summary>
    Delete = 1 << 7,

    /// <summary>The argument is not a key but is treated like one for routing.</summary>
    NotKey = 1 << 8,

    /// <summary>Other keys may exist that the specification does not show.</summary>
    Incomplete = 1 << 9,

    /// <summary>The flags depend on the arguments.</summary>
    VariableFlags = 1 << 10,
}

/// <summary>How the first key is found.</summary>
public enum KeySpecBeginKind
{
    /// <summary>Only the command's own key finder knows.</summary>
    Unknown,

    /// <summary>At a fixed position.</summary>
    Index,

    /// <summary>Behind a keyword.</summary>
    Keyword,
}

/// <summary>How the further keys are found.</summary>
public enum KeySpecFindKind
{
    /// <summary>Only the command's own key finder knows.</summary>
    Unknown,

    /// <summary>Up to a last position, by a step.</summary>
    Range,

    /// <summary>An argument says how many.</summary>
    KeyNumber,
}

/// <summary>Where a specification begins: <paramref name="Position"/> is the index, or where the search for the keyword starts.</summary>
public readonly record struct KeySpecBegin(KeySpecBeginKind Kind, int Position, string? Keyword);

/// <summary>How a specification goes on. Range uses LastKey, Step and Limit; KeyNumber uses KeyNumberIndex, FirstKey and Step.</summary>
public readonly record struct KeySpecFind(
    KeySpecFindKind Kind, int LastKey, int Step, int Limit, int KeyNumberIndex, int FirstKey);

/// <summary>One group of keys of a command.</summary>
public sealed class KeySpec
{
    /// <summary>What happens to these keys.</summary>
    public required KeySpecFlags Flags { get; init; }

    /// <summary>A remark for readers of COMMAND INFO, or null.</summary>
    public string? Notes { get; init; }

    /// <summary>Where the group begins.</summary>
    public required KeySpecBegin Begin { get; init; }

    /// <summary>How it goes on.</summary>
    public required KeySpecFind Find { get; init; }
}

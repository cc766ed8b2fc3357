// The vocabulary of command metadata. Names follow COMMAND INFO (https://valkey.io/commands/command-info/).

namespace Valkey.Abstractions;

/// <summary>What the server must know about a command before it runs it.</summary>
[Flags]
public enum CommandFlags : ulong
{
    /// <summary>Nothing special.</summary>
    None = 0,

    /// <summary>May change the dataset.</summary>
    Write = 1UL << 0,

    /// <summary>Never changes the dataset.</summary>
    ReadOnly = 1UL << 1,

    /// <summary>Refused while memory is above <c>maxmemory</c> and nothing can be evicted.</summary>
    DenyOom = 1UL << 2,

    /// <summary>Administrative.</summary>
    Admin = 1UL << 3,

    /// <summary>About publish and subscribe.</summary>
    PubSub = 1UL << 4,

    /// <summary>Not from scripts.</summary>
    NoScript = 1UL << 5,

    /// <summary>May block the client.</summary>
    Blocking = 1UL << 6,

    /// <summary>Allowed while the dataset is loading.</summary>
    Loading = 1UL << 7,

    /// <summary>Allowed on a replica with stale data.</summary>
    Stale = 1UL << 8,

    /// <summary>Not shown to MONITOR.</summary>
    SkipMonitor = 1UL << 9,

    /// <summary>Not entered into the command log.</summary>
    SkipCommandLog = 1UL << 10,

    /// <summary>Implies ASKING.</summary>
    Asking = 1UL << 11,

    /// <summary>Constant or logarithmic time.</summary>
    Fast = 1UL << 12,

    /// <summary>Allowed before authentication.</summary>
    NoAuth = 1UL << 13,

    /// <summary>Its key arguments may be absent.</summary>
    NoMandatoryKeys = 1UL << 14,

    /// <summary>Refused while loading in the background.</summary>
    NoAsyncLoading = 1UL << 15,

    /// <summary>Refused inside MULTI.</summary>
    NoMulti = 1UL << 16,

    /// <summary>Keys cannot be told by first, last and step alone.</summary>
    MovableKeys = 1UL << 17,

    /// <summary>Allowed while a script runs too long.</summary>
    AllowBusy = 1UL << 18,

    /// <summary>Works on all databases.</summary>
    AllDbs = 1UL << 19,

    /// <summary>May replicate although it is no write (EVAL, PUBLISH).</summary>
    MayReplicate = 1UL << 20,

    /// <summary>Exists in Sentinel only.</summary>
    OnlySentinel = 1UL << 21,

    /// <summary>Off unless the configuration allows it (DEBUG, MODULE).</summary>
    Protected = 1UL << 22,

    /// <summary>Exists in Sentinel too.</summary>
    Sentinel = 1UL << 23,

    /// <summary>May touch keys that it does not name (SCAN, KEYS, RANDOMKEY).</summary>
    TouchesArbitraryKeys = 1UL << 24,
}

/// <summary>ACL categories, in the order in which COMMAND INFO lists them.</summary>
[Flags]
public enum AclCategories : ulong
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Keys of any type.</summary>
    Keyspace = 1UL << 0,

    /// <summary>Reads values.</summary>
    Read = 1UL << 1,

    /// <summary>Writes values.</summary>
    Write = 1UL << 2,

    /// <summary>Sets.</summary>
    Set = 1UL << 3,

    /// <summary>Sorted sets.</summary>
    SortedSet = 1UL << 4,

    /// <summary>Lists.</summary>
    List = 1UL << 5,

    /// <summary>Hashes.</summary>
    Hash = 1UL << 6,

    /// <summary>Strings.</summary>
    String = 1UL << 7,

    /// <summary>Bitmaps.</summary>
    Bitmap = 1UL << 8,

    /// <summary>HyperLogLog.</summary>
    HyperLogLog = 1UL << 9,

    /// <summary>Geo.</summary>
    Geo = 1UL << 10,

    /// <summary>Streams.</summary>
    Stream = 1UL << 11,

    /// <summary>Publish and subscribe.</summary>
    PubSub = 1UL << 12,

    /// <summary>Administration.</summary>
    Admin = 1UL << 13,

    /// <summary>Fast commands.</summary>
    Fast = 1UL << 14,

    /// <summary>All that are not fast.</summary>
    Slow = 1UL << 15,

    /// <summary>May block the client.</summary>
    Blocking = 1UL << 16,

    /// <summary>Dangerous in the wrong hands.</summary>
    Dangerous = 1UL << 17,

    /// <summary>About the connection.</summary>
    Connection = 1UL << 18,

    /// <summary>Transactions.</summary>
    Transaction = 1UL << 19,

    /// <summary>Scripting.</summary>
    Scripting = 1UL << 20,
}

/// <summary>What COMMAND DOCS says about a command's standing.</summary>
[Flags]
public enum CommandDocFlags
{
    /// <summary>Nothing special.</summary>
    None = 0,

    /// <summary>Superseded by another command.</summary>
    Deprecated = 1,

    /// <summary>Not meant for users.</summary>
    SystemCommand = 2,
}

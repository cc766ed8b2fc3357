// How a command waits for a key: BLPOP and its relatives, and commands of modules.

namespace Valkey.Abstractions;

/// <summary>
/// What a client is answered when it cannot wait (in a transaction, in a script). When nothing came in time the answer is the
/// null array, whichever was given here: clients know it so from every blocking command.
/// </summary>
public enum TimeoutReply
{
    /// <summary>The null array (BLPOP, BZPOPMIN, BLMPOP).</summary>
    NullArray,

    /// <summary>Null (BLMOVE and BRPOPLPUSH in a transaction).</summary>
    Null,
}

/// <summary>One wait for keys, as a handler asks for it.</summary>
/// <param name="FirstKey">Index of the argument that is the first key.</param>
/// <param name="KeyCount">How many arguments from there on are keys.</param>
/// <param name="TimeoutMs">How long to wait; 0 for ever.</param>
/// <param name="OnTimeout">What is answered where waiting is impossible.</param>
public readonly record struct BlockingWait(int FirstKey, int KeyCount, long TimeoutMs, TimeoutReply OnTimeout)
{
    /// <summary>Also run the command again when a key is deleted or holds another type: of commands that need the key to exist.</summary>
    public bool EndsWhenKeyGoes { get; init; }
}

// What plugins say about a client so that the server treats it accordingly and CLIENT LIST, INFO and the limits know of it.

namespace Valkey.Abstractions;

/// <summary>How much a client is subscribed to. A client with any subscription is a subscriber.</summary>
/// <param name="ChannelCount">Channels.</param>
/// <param name="PatternCount">Patterns.</param>
/// <param name="ShardChannelCount">Shard channels.</param>
/// <param name="MemoryBytes">Memory of the client's own lists of them, for the limits on clients.</param>
public readonly record struct ClientSubscriptions(int ChannelCount, int PatternCount, int ShardChannelCount, long MemoryBytes)
{
    /// <summary>All together.</summary>
    public int Count => ChannelCount + PatternCount + ShardChannelCount;
}

/// <summary>How a client follows the keys that it caches.</summary>
[Flags]
public enum TrackingMarks
{
    /// <summary>Not at all.</summary>
    None = 0,

    /// <summary>It does; INFO counts it.</summary>
    On = 1,

    /// <summary>By prefixes, whatever it reads.</summary>
    Broadcast = 2,

    /// <summary>The keys that its commands read are reported to <see cref="KeyAccessObserver.KeyRead"/>.</summary>
    ReportsReads = 4,

    /// <summary>Who was to receive its messages is gone.</summary>
    RedirectionBroken = 8,
}

/// <summary>What the server needs to know of a client that follows keys.</summary>
/// <param name="Marks">How it does.</param>
/// <param name="RedirectId">The client that gets its messages, 0 for itself.</param>
/// <param name="MemoryBytes">Memory of its prefixes, for the limits on clients.</param>
public readonly record struct ClientTracking(TrackingMarks Marks, long RedirectId, long MemoryBytes);

using Valkey.Abstractions;

namespace Valkey.ClientTracking;

/// <summary>How a client tracks keys: what CLIENT TRACKING was given.</summary>
[Flags]
internal enum TrackingModes
{
    /// <summary>All keys that it reads.</summary>
    None = 0,

    /// <summary>All keys that begin with its prefixes, whatever it reads.</summary>
    Broadcast = 1,

    /// <summary>Only keys of commands behind CLIENT CACHING YES.</summary>
    OptIn = 2,

    /// <summary>Not the keys of commands behind CLIENT CACHING NO.</summary>
    OptOut = 4,

    /// <summary>Changes that the client makes itself are not told to it.</summary>
    NoLoop = 8,
}

/// <summary>A client that tracks keys. Command thread only.</summary>
internal sealed class TrackedClient(IClient client)
{
    private const int PrefixObjectBytes = 96; // a list's place, the array's head, its part of the table of prefixes

    /// <summary>The client, until it ends.</summary>
    public IClient Client { get; } = client;

    /// <summary>How it tracks.</summary>
    public TrackingModes Modes { get; set; }

    /// <summary>The client that gets its messages; 0 for itself.</summary>
    public long RedirectId { get; set; }

    /// <summary>Who was to get its messages is gone.</summary>
    public bool IsRedirectionBroken { get; set; }

    /// <summary>CLIENT CACHING was given for the command, or the transaction, that comes next.</summary>
    public bool IsCachingGiven { get; set; }

    /// <summary>The prefixes that it broadcasts for, in the order of their bytes.</summary>
    public List<byte[]> Prefixes { get; } = [];

    /// <summary>For the server, which shows it.</summary>
    public Valkey.Abstractions.ClientTracking Summary
    {
        get
        {
            TrackingMarks marks = TrackingMarks.On | (Has(TrackingModes.Broadcast) ? TrackingMarks.Broadcast : TrackingMarks.ReportsReads);
            if (IsRedirectionBroken) marks |= TrackingMarks.RedirectionBroken;
            long bytes = 0;
            foreach (byte[] prefix in Prefixes) bytes += prefix.Length + PrefixObjectBytes;
            return new Valkey.Abstractions.ClientTracking(marks, RedirectId, bytes);
        }
    }

    /// <summary>Whether it tracks in that way.</summary>
    public bool Has(TrackingModes mode) => (Modes & mode) != 0;

    /// <summary>Whether the keys of the command that runs are to be remembered.</summary>
    public bool WantsReads => Has(TrackingModes.OptIn) ? IsCachingGiven : !Has(TrackingModes.OptOut) || !IsCachingGiven;

    /// <summary>Adds a prefix that it does not have.</summary>
    public void AddPrefix(byte[] prefix)
    {
        int index = Prefixes.FindIndex(other => other.AsSpan().SequenceCompareTo(prefix) > 0);
        Prefixes.Insert(index < 0 ? Prefixes.Count : index, prefix);
    }
}

// The classes of key events with their letters, which are those of notify-keyspace-events.

using System.Collections.Immutable;
using Valkey.Abstractions;

namespace Valkey.Samples.KeyAudit;

/// <summary>One class of events.</summary>
internal readonly record struct EventClass(char Letter, string Name, KeyspaceEvent Flag);

/// <summary>All classes.</summary>
internal static class EventClasses
{
    /// <summary>In the order in which they are shown.</summary>
    public static ImmutableArray<EventClass> All { get; } =
    [
        new('g', "generic", KeyspaceEvent.Generic),
        new('$', "string", KeyspaceEvent.String),
        new('l', "list", KeyspaceEvent.List),
        new('s', "set", KeyspaceEvent.Set),
        new('h', "hash", KeyspaceEvent.Hash),
        new('z', "zset", KeyspaceEvent.SortedSet),
        new('x', "expired", KeyspaceEvent.Expired),
        new('e', "evicted", KeyspaceEvent.Evicted),
        new('t', "stream", KeyspaceEvent.Stream),
        new('d', "module", KeyspaceEvent.Module),
        new('m', "keymiss", KeyspaceEvent.KeyMiss),
        new('n', "new", KeyspaceEvent.New),
    ];

    /// <summary>Reads letters, <c>A</c> standing for all but m and n. False when one of them names no class.</summary>
    public static bool TryParse(string letters, out KeyspaceEvent mask)
    {
        mask = KeyspaceEvent.None;
        foreach (char letter in letters)
        {
            KeyspaceEvent flag = letter == 'A' ? KeyspaceEvent.All : FlagOf(letter);
            if (flag == KeyspaceEvent.None) return false;
            mask |= flag;
        }

        return true;
    }

    private static KeyspaceEvent FlagOf(char letter)
    {
        foreach (EventClass eventClass in All)
        {
            if (eventClass.Letter == letter) return eventClass.Flag;
        }

        return KeyspaceEvent.None;
    }
}

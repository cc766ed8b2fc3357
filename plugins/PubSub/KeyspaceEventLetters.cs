// The letters of notify-keyspace-events and the classes that they stand for.

using Valkey.Abstractions;

namespace Valkey.PubSub;

internal static class KeyspaceEventLetters
{
    // In the order in which CONFIG GET prints them; A stands for all that come before n.
    private static readonly (char Letter, KeyspaceEvent Class)[] s_letters =
    [
        ('g', KeyspaceEvent.Generic), ('$', KeyspaceEvent.String), ('l', KeyspaceEvent.List), ('s', KeyspaceEvent.Set),
        ('h', KeyspaceEvent.Hash), ('z', KeyspaceEvent.SortedSet), ('x', KeyspaceEvent.Expired), ('e', KeyspaceEvent.Evicted),
        ('t', KeyspaceEvent.Stream), ('d', KeyspaceEvent.Module), ('n', KeyspaceEvent.New),
        ('K', KeyspaceEvent.Keyspace), ('E', KeyspaceEvent.Keyevent), ('m', KeyspaceEvent.KeyMiss),
    ];

    /// <summary>Reads the letters, in any order. False when one is unknown.</summary>
    public static bool TryParse(string letters, out KeyspaceEvent classes)
    {
        classes = KeyspaceEvent.None;
        foreach (char letter in letters)
        {
            KeyspaceEvent known = letter == 'A' ? KeyspaceEvent.All : ClassOf(letter);
            if (known == KeyspaceEvent.None) return false;
            classes |= known;
        }

        return true;
    }

    /// <summary>The letters of a set of classes in their usual order.</summary>
    public static string Print(KeyspaceEvent classes)
    {
        // With A, Valkey does not print the n that may stand beside it.
        bool isAll = (classes & KeyspaceEvent.All) == KeyspaceEvent.All;
        string text = isAll ? "A" : "";
        foreach ((char letter, KeyspaceEvent letterClass) in s_letters)
        {
            if (isAll && (letterClass & (KeyspaceEvent.All | KeyspaceEvent.New)) != 0) continue;
            if ((classes & letterClass) != 0) text += letter;
        }

        return text;
    }

    private static KeyspaceEvent ClassOf(char letter)
    {
        foreach ((char known, KeyspaceEvent knownClass) in s_letters)
        {
            if (known == letter) return knownClass;
        }

        return KeyspaceEvent.None;
    }
}

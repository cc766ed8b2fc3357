// Which arguments of a command are keys, and what the command does with them.
//
// Specifications come first: a place where the search begins (an index, or the argument behind a keyword) and a way to go on
// from there (a range, or a number that counts). Where they are unknown, incomplete or tell too little about the flags, the
// command's own finder is asked. Source: https://valkey.io/topics/key-specs/
// Holds always: nothing is allocated once the list has grown to what commands need; positions are inside the arguments.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Host.Commands;

/// <summary>A key: its argument and what is done with it.</summary>
internal readonly record struct KeyPosition(int Index, KeySpecFlags Flags);

/// <summary>Finds keys; refilled by every search. Command thread only.</summary>
internal sealed class CommandKeys : KeyCollector
{
    private KeyPosition[] _positions = new KeyPosition[16];
    private int _argumentCount;

    /// <summary>Number of keys found.</summary>
    public int Count { get; private set; }

    /// <summary>A key that was found.</summary>
    public KeyPosition this[int index] => _positions[index];

    /// <summary>All of them, in the order of the specifications.</summary>
    public ReadOnlySpan<KeyPosition> All => _positions.AsSpan(0, Count);

    /// <summary>Whether a command can have keys at all.</summary>
    public static bool HasKeys(CommandDefinition command) => command.KeyFinder is not null || HasRealSpec(command);

    /// <summary>Looks for the keys of a command; false when there are none or the arguments are malformed.</summary>
    public bool Find(CommandDefinition command, CommandArguments arguments)
    {
        Count = 0;
        _argumentCount = arguments.Count;
        if (HasRealSpec(command) && !HasVariableFlags(command) && FollowAll(command.KeySpecs, arguments)) return Count > 0;
        Count = 0;
        if (command.KeyFinder is null) return false;
        if (command.KeyFinder(arguments, this)) return Count > 0;
        Count = 0;
        return false;
    }

    /// <inheritdoc/>
    public override void Add(int index, KeySpecFlags flags)
    {
        if (index < 1 || index >= _argumentCount) return;
        if (Count == _positions.Length) Array.Resize(ref _positions, _positions.Length * 2);
        _positions[Count++] = new KeyPosition(index, flags);
    }

    private static bool HasRealSpec(CommandDefinition command)
    {
        foreach (KeySpec spec in command.KeySpecs)
        {
            if ((spec.Flags & KeySpecFlags.NotKey) == 0) return true;
        }

        return false;
    }

    private static bool HasVariableFlags(CommandDefinition command)
    {
        foreach (KeySpec spec in command.KeySpecs)
        {
            if ((spec.Flags & KeySpecFlags.VariableFlags) != 0) return true;
        }

        return false;
    }

    private bool FollowAll(KeySpec[] specs, CommandArguments arguments)
    {
        foreach (KeySpec spec in specs)
        {
            if ((spec.Flags & KeySpecFlags.NotKey) != 0) continue;
            if (!Follow(spec, arguments)) return false;
        }

        return true;
    }

    /// <summary>False when the specification does not lead to keys; one whose keyword is absent has none, and that is fine.</summary>
    private bool Follow(KeySpec spec, CommandArguments arguments)
    {
        if (spec.Begin.Kind == KeySpecBeginKind.Unknown) return false;
        int first = spec.Begin.Kind == KeySpecBeginKind.Index ? spec.Begin.Position : BehindKeyword(spec.Begin, arguments);
        if (first == 0) return true;
        if (!TryFindLast(spec.Find, arguments, ref first, out int last, out int step)) return false;
        if (last >= arguments.Count || last < first || first >= arguments.Count) return false;
        for (int i = first; i <= last; i += step) Add(i, spec.Flags);
        return (spec.Flags & KeySpecFlags.Incomplete) == 0;
    }

    /// <summary>The index behind the keyword, searched forwards, or backwards from the end when the start is negative; 0: absent.</summary>
    private static int BehindKeyword(KeySpecBegin begin, CommandArguments arguments)
    {
        bool isForward = begin.Position > 0;
        int i = isForward ? begin.Position : arguments.Count + begin.Position;
        for (; i >= 1 && i < arguments.Count; i += isForward ? 1 : -1)
        {
            if (isForward ? i == arguments.Count - 1 : i == 1) return 0; // no key could follow, or it is the first argument
            if (EqualsIgnoringCase(arguments[i], begin.Keyword!)) return i + 1;
        }

        return 0;
    }

    private static bool TryFindLast(KeySpecFind find, CommandArguments arguments, ref int first, out int last, out int step)
    {
        last = 0;
        step = Math.Max(1, find.Step);
        switch (find.Kind)
        {
            case KeySpecFindKind.Range:
                last = find.LastKey >= 0 ? first + find.LastKey
                    : find.Limit <= 1 ? arguments.Count + find.LastKey
                    : first + ((arguments.Count - first) / find.Limit) + find.LastKey;
                return true;
            case KeySpecFindKind.KeyNumber:
                int numberIndex = first + find.KeyNumberIndex;
                if (numberIndex >= arguments.Count || !IntegerText.TryParse(arguments[numberIndex], out long count)) return false;
                if (count < 0 || count > arguments.Count) return false;
                first += find.FirstKey;
                last = first + ((int)count * step) - step;
                return true;
            default:
                return false;
        }
    }

    private static bool EqualsIgnoringCase(ReadOnlySpan<byte> argument, string keyword)
    {
        if (argument.Length != keyword.Length) return false;
        for (int i = 0; i < argument.Length; i++)
        {
            if (char.ToLowerInvariant((char)argument[i]) != char.ToLowerInvariant(keyword[i])) return false;
        }

        return true;
    }
}

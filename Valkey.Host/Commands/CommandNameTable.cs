// Finds commands by the bytes of their name, whatever their case. Open addressing over a power of two.

using System.Runtime.CompilerServices;

namespace Valkey.Host.Commands;

internal sealed class CommandNameTable
{
    private (byte[] Name, Command Command)?[] _slots = new (byte[], Command)?[16];
    private readonly Dictionary<string, (byte[] Name, Command Command)> _all = [];

    public int Count => _all.Count;

    public IEnumerable<Command> All
    {
        get
        {
            foreach ((byte[] _, Command command) in _all.Values) yield return command;
        }
    }

    /// <summary>Adds or replaces.</summary>
    public void Add(ReadOnlySpan<byte> name, Command command)
    {
        byte[] lower = Lower(name);
        _all[Text(lower)] = (lower, command);
        Rebuild();
    }

    public void Remove(ReadOnlySpan<byte> name)
    {
        _all.Remove(Text(Lower(name)));
        Rebuild();
    }

    public Command? Find(ReadOnlySpan<byte> name)
    {
        int mask = _slots.Length - 1;
        for (int i = (int)Hash(name) & mask; ; i = (i + 1) & mask)
        {
            if (_slots[i] is not { } slot) return null;
            if (EqualsIgnoringCase(name, slot.Name)) return slot.Command;
        }
    }

    /// <summary>Whether a name equals another that is in lower case.</summary>
    public static bool EqualsIgnoringCase(ReadOnlySpan<byte> name, ReadOnlySpan<byte> lowerCase)
    {
        if (name.Length != lowerCase.Length) return false;
        for (int i = 0; i < name.Length; i++)
        {
            if (LowerOf(name[i]) != lowerCase[i]) return false;
        }

        return true;
    }

    private void Rebuild()
    {
        int capacity = 16;
        while (capacity < _all.Count * 3) capacity *= 2;
        _slots = new (byte[], Command)?[capacity];
        foreach ((byte[] Name, Command Command) entry in _all.Values)
        {
            int i = (int)Hash(entry.Name) & (capacity - 1);
            while (_slots[i] is not null) i = (i + 1) & (capacity - 1);
            _slots[i] = entry;
        }
    }

    private static uint Hash(ReadOnlySpan<byte> name)
    {
        uint hash = 2166136261;
        foreach (byte letter in name) hash = (hash ^ LowerOf(letter)) * 16777619;
        return hash ^ (hash >> 15);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte LowerOf(byte letter) => (uint)(letter - 'A') <= 'Z' - 'A' ? (byte)(letter | 0x20) : letter;

    public static byte[] Lower(ReadOnlySpan<byte> name)
    {
        byte[] lower = new byte[name.Length];
        for (int i = 0; i < name.Length; i++) lower[i] = LowerOf(name[i]);
        return lower;
    }

    private static string Text(byte[] name) => System.Text.Encoding.Latin1.GetString(name);
}

// Collects the arguments of a command that is propagated in the place of another. One list, used again and again.
// Command thread only. The bytes must not move until the list is taken: literals, arguments, fields.

using Valkey.Abstractions;

namespace Valkey.Hashes;

internal static class ArgumentList
{
    private const int KeptCountMax = 4096;

    private static PropagatedArgument[] s_arguments = new PropagatedArgument[64];
    private static int s_count;

    /// <summary>Arguments collected.</summary>
    public static int Count => s_count;

    /// <summary>Begins a command.</summary>
    public static void Begin(ReadOnlySpan<byte> name, ReadOnlySpan<byte> key)
    {
        s_count = 0;
        if (s_arguments.Length > KeptCountMax) s_arguments = new PropagatedArgument[64];
        Add(name);
        Add(key);
    }

    public static void Add(ReadOnlySpan<byte> bytes) => Put(PropagatedArgument.From(bytes));

    public static void AddNumber(long number) => Put(PropagatedArgument.FromNumber(number));

    /// <summary>A place for a number that is not known yet.</summary>
    public static int ReserveNumber()
    {
        AddNumber(0);
        return s_count - 1;
    }

    public static void SetNumber(int place, long number) => s_arguments[place] = PropagatedArgument.FromNumber(number);

    /// <summary>What was collected; valid until the next command begins.</summary>
    public static ReadOnlySpan<PropagatedArgument> Taken => s_arguments.AsSpan(0, s_count);

    private static void Put(PropagatedArgument argument)
    {
        if (s_count == s_arguments.Length) Array.Resize(ref s_arguments, s_count * 2);
        s_arguments[s_count++] = argument;
    }
}

// The arguments of one command, as views into the client's query buffer.
// Holds always: they are valid until the handler returns, and not a moment longer.

using System.Runtime.CompilerServices;

namespace Valkey.Abstractions;

/// <summary>One argument in native memory. Filled by the host's parser only.</summary>
internal unsafe struct ArgumentSlice
{
    public byte* Start;
    public nint Length;
}

/// <summary>The arguments of a command; index 0 is its name.</summary>
public readonly unsafe ref struct CommandArguments
{
    private readonly ArgumentSlice* _slices;
    private readonly int _count;

    internal CommandArguments(ArgumentSlice* slices, int count)
    {
        _slices = slices;
        _count = count;
    }

    /// <summary>How many there are, the name included.</summary>
    public int Count => _count;

    /// <summary>The bytes of one argument.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such argument.</exception>
    public ReadOnlySpan<byte> this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if ((uint)index >= (uint)_count) ThrowNoSuchArgument();
            ref ArgumentSlice slice = ref _slices[index];
            return new ReadOnlySpan<byte>(slice.Start, (int)slice.Length);
        }
    }

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    private static void ThrowNoSuchArgument() =>
        throw new ArgumentOutOfRangeException("index", "The command has fewer arguments.");
}

/// <summary>Receives the positions of a command's keys.</summary>
public abstract class KeyCollector
{
    /// <summary>Reports that the argument at <paramref name="index"/> is a key.</summary>
    public abstract void Add(int index, KeySpecFlags flags);
}

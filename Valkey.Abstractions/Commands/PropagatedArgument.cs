namespace Valkey.Abstractions;

/// <summary>One argument of a propagated command: bytes that live at least until the call returns, or a number that is printed.</summary>
public readonly unsafe struct PropagatedArgument
{
    private readonly byte* _start;
    private readonly int _length;
    private readonly long _number;

    private PropagatedArgument(byte* start, int length, long number)
    {
        _start = start;
        _length = length;
        _number = number;
    }

    /// <summary>Whether it is a number.</summary>
    public bool IsNumber => _start == null;

    /// <summary>The number.</summary>
    public long Number => _number;

    /// <summary>The bytes, when it is no number.</summary>
    public ReadOnlySpan<byte> Bytes => new(_start, _length);

    /// <summary>Bytes that do not move: literals, arguments of the running command, native values.</summary>
    /// <remarks>A span over a managed array must be pinned by the caller until the call returns.</remarks>
    public static implicit operator PropagatedArgument(ReadOnlySpan<byte> unmovable) => From(unmovable);

    /// <summary>A number.</summary>
    public static implicit operator PropagatedArgument(long number) => new(null, 0, number);

    /// <summary>Bytes that do not move: literals, arguments of the running command, native values.</summary>
    public static PropagatedArgument From(ReadOnlySpan<byte> unmovable)
    {
        ref byte first = ref System.Runtime.InteropServices.MemoryMarshal.GetReference(unmovable);
        byte* start = (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref first);
        return new PropagatedArgument(start == null ? (byte*)1 : start, unmovable.Length, 0);
    }

    /// <summary>A number.</summary>
    public static PropagatedArgument FromNumber(long number) => new(null, 0, number);
}

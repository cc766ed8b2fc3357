// Methods that the parent never calls. Their first calls, in a child, make the runtime do there what it may have to do in the middle
// of the dataset (a value larger than all that were rehearsed is enough): compile a plain method, one with a loop, which is
// watched for its profile from the start, and one that is optimized at once, which reads the profiles; load a type and make a
// generic method of it; bind a call through an interface. Each takes locks of its own. A child that comes back from it has found
// them all free, and nobody is left who could take them.
// Holds always: nothing in the parent calls these or has them prepared; nothing is allocated.

using System.Runtime.CompilerServices;

namespace Valkey.Persistence.Fork;

/// <summary>What the child calls through.</summary>
internal interface INeverCalledBefore
{
    /// <summary>Gives back what it is given.</summary>
    byte Same(byte value);
}

internal sealed class NeverCalledBefore : INeverCalledBefore
{
    /// <summary>Gives back what it is given, on all these ways.</summary>
    /// <param name="instance">One of these, made in the parent.</param>
    /// <param name="value">What it is given.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static byte Everything(INeverCalledBefore instance, byte value) =>
        instance.Same(Optimized(Loaded<NeverLoadedBefore>(Looped(value))));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public byte Same(byte value) => value;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static byte Looped(byte value)
    {
        int sum = 0;
        for (int i = 0; i < value; i++) sum++;
        return (byte)sum;
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static byte Optimized(byte value) => value;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static byte Loaded<T>(byte value) => Unsafe.SizeOf<T>() == 1 ? value : byte.MinValue;

    private struct NeverLoadedBefore;
}

// AND, OR, XOR and NOT of byte strings, by the widest vectors that the machine has. The operator is a type argument, so
// that each gets a loop of its own.

using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Valkey.Strings;

internal interface IBitOperator
{
    static abstract Vector512<byte> Apply(Vector512<byte> left, Vector512<byte> right);

    static abstract Vector256<byte> Apply(Vector256<byte> left, Vector256<byte> right);

    static abstract byte Apply(byte left, byte right);
}

internal readonly struct BitAnd : IBitOperator
{
    public static Vector512<byte> Apply(Vector512<byte> left, Vector512<byte> right) => left & right;

    public static Vector256<byte> Apply(Vector256<byte> left, Vector256<byte> right) => left & right;

    public static byte Apply(byte left, byte right) => (byte)(left & right);
}

internal readonly struct BitOr : IBitOperator
{
    public static Vector512<byte> Apply(Vector512<byte> left, Vector512<byte> right) => left | right;

    public static Vector256<byte> Apply(Vector256<byte> left, Vector256<byte> right) => left | right;

    public static byte Apply(byte left, byte right) => (byte)(left | right);
}

internal readonly struct BitXor : IBitOperator
{
    public static Vector512<byte> Apply(Vector512<byte> left, Vector512<byte> right) => left ^ right;

    public static Vector256<byte> Apply(Vector256<byte> left, Vector256<byte> right) => left ^ right;

    public static byte Apply(byte left, byte right) => (byte)(left ^ right);
}

internal static class Bitwise
{
    /// <summary>Combines the source into the target, which is as long at least, as far as the source goes.</summary>
    public static void Combine<TOperator>(Span<byte> target, ReadOnlySpan<byte> source)
        where TOperator : struct, IBitOperator
    {
        target = target[..source.Length];
        ref byte to = ref MemoryMarshal.GetReference(target);
        ref byte from = ref MemoryMarshal.GetReference(source);
        int i = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            for (; i <= target.Length - Vector512<byte>.Count; i += Vector512<byte>.Count)
            {
                TOperator.Apply(Vector512.LoadUnsafe(ref to, (nuint)i), Vector512.LoadUnsafe(ref from, (nuint)i))
                    .StoreUnsafe(ref to, (nuint)i);
            }
        }

        for (; i <= target.Length - Vector256<byte>.Count; i += Vector256<byte>.Count)
        {
            TOperator.Apply(Vector256.LoadUnsafe(ref to, (nuint)i), Vector256.LoadUnsafe(ref from, (nuint)i))
                .StoreUnsafe(ref to, (nuint)i);
        }

        for (; i < target.Length; i++) target[i] = TOperator.Apply(target[i], source[i]);
    }

    /// <summary>Turns every bit over.</summary>
    public static void Invert(Span<byte> target)
    {
        ref byte first = ref MemoryMarshal.GetReference(target);
        int i = 0;
        for (; i <= target.Length - Vector256<byte>.Count; i += Vector256<byte>.Count)
        {
            (~Vector256.LoadUnsafe(ref first, (nuint)i)).StoreUnsafe(ref first, (nuint)i);
        }

        for (; i < target.Length; i++) target[i] = (byte)~target[i];
    }
}

// How much memory a child has of its own: what the parent changed since the fork, as the kernel counts it.
// Runs in the child: no allocation, no lock.

using System.Runtime.CompilerServices;

namespace Valkey.Persistence.Fork;

internal static unsafe class CopyOnWrite
{
    private const int TextBytesMax = 4096;

    /// <summary>Private dirty memory of this process in bytes; 0 when the kernel does not tell.</summary>
    /// <param name="isRehearsal">
    /// Runs the same code on a file that costs nothing: of the right one the kernel computes the content by walking all pages, tens
    /// of milliseconds for gigabytes, during which the process cannot map memory either.
    /// </param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static long ReadBytes(bool isRehearsal)
    {
        byte* text = stackalloc byte[TextBytesMax];
        int descriptor;
        ReadOnlySpan<byte> name = isRehearsal ? "/proc/self/stat\0"u8 : "/proc/self/smaps_rollup\0"u8;
        fixed (byte* path = name) descriptor = Native.Open(Native.CurrentFolder, path, Native.OpenCloseOnExec, 0);
        if (descriptor < 0) return 0;
        nint length = Native.Read(descriptor, text, TextBytesMax);
        _ = Native.Close(descriptor);
        return FieldKilobytes(text, (int)length) * 1024;
    }

    /// <summary>The number behind <c>Private_Dirty:</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static long FieldKilobytes(byte* text, int length)
    {
        ReadOnlySpan<byte> name = "\nPrivate_Dirty:"u8;
        for (int start = 0; start + name.Length < length; start++)
        {
            int same = 0;
            while (same < name.Length && text[start + same] == name[same]) same++;
            if (same < name.Length) continue;

            int at = start + same;
            while (at < length && text[at] == ' ') at++;
            long value = 0;
            for (; at < length && text[at] is >= (byte)'0' and <= (byte)'9'; at++) value = (value * 10) + text[at] - '0';
            return value;
        }

        return 0;
    }
}

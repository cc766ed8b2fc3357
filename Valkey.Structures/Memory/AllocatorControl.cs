// The allocator's own controls: version, statistics, giving free pages back. Never on the way of a command, so these
// calls make the ordinary transition out of managed code: a purge may take milliseconds.

using System.Runtime.InteropServices;
using System.Text;

namespace Valkey.Structures;

internal static unsafe class AllocatorControl
{
    private const int VersionLengthMax = 64;

    private static readonly delegate* unmanaged<byte*, void*, nuint*, void*, nuint, int> s_mallctl =
        (delegate* unmanaged<byte*, void*, nuint*, void*, nuint, int>)NativeHeap.FindExport("mallctl");

    private static readonly delegate* unmanaged<nuint, int> s_mallocTrim =
        (delegate* unmanaged<nuint, int>)NativeHeap.FindExport("malloc_trim");

    /// <summary>"jemalloc-5.3.0": the version without the revision that follows the first dash.</summary>
    public static string ReadName()
    {
        if (!NativeHeap.IsJemalloc) return "libc";

        byte* version = null;
        nuint size = (nuint)sizeof(byte*);
        if (Control("version\0"u8, &version, &size, null, 0) != 0 || version == null) return "jemalloc";

        ReadOnlySpan<byte> text = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(version);
        int dash = text.IndexOf((byte)'-');
        if (dash >= 0) text = text[..dash];
        if (text.Length > VersionLengthMax) text = text[..VersionLengthMax];
        return "jemalloc-" + Encoding.ASCII.GetString(text);
    }

    public static AllocatorStatistics ReadStatistics()
    {
        if (!NativeHeap.IsJemalloc) return FromOurCount();

        // The figures are cached by jemalloc until the epoch is advanced.
        ulong epoch = 1;
        nuint size = sizeof(ulong);
        if (Control("epoch\0"u8, &epoch, &size, &epoch, size) != 0) return FromOurCount();

        // 4096 is jemalloc's name for "all arenas together".
        return new AllocatorStatistics
        {
            AllocatedBytes = ReadSize("stats.allocated\0"u8),
            ActiveBytes = ReadSize("stats.active\0"u8),
            ResidentBytes = ReadSize("stats.resident\0"u8),
            MuzzyBytes = ReadSize("stats.arenas.4096.pmuzzy\0"u8) * ReadSize("arenas.page\0"u8),
        };
    }

    public static void Purge()
    {
        if (NativeHeap.IsJemalloc)
        {
            _ = Control("arena.4096.purge\0"u8, null, null, null, 0);
            return;
        }

        if (s_mallocTrim != null) _ = s_mallocTrim(0);
    }

    /// <summary>Whether a thread of the allocator gives pages back by itself. False when the allocator cannot.</summary>
    public static bool SetBackgroundThread(bool enabled)
    {
        byte value = enabled ? (byte)1 : (byte)0;
        return NativeHeap.IsJemalloc && Control("background_thread\0"u8, null, null, &value, sizeof(byte)) == 0;
    }

    /// <summary>Asks jemalloc, which must be there. Answers 0 or the number of an error.</summary>
    internal static int Control(ReadOnlySpan<byte> nameWithNul, void* oldValue, nuint* oldSize, void* newValue, nuint newSize)
    {
        fixed (byte* name = nameWithNul)
        {
            return s_mallctl(name, oldValue, oldSize, newValue, newSize);
        }
    }

    private static AllocatorStatistics FromOurCount()
    {
        long usedBytes = NativeHeap.UsedBytes;
        return new AllocatorStatistics { AllocatedBytes = usedBytes, ActiveBytes = usedBytes, ResidentBytes = usedBytes };
    }

    private static long ReadSize(ReadOnlySpan<byte> nameWithNul)
    {
        nuint value = 0;
        nuint size = (nuint)sizeof(nuint);
        return Control(nameWithNul, &value, &size, null, 0) == 0 ? (long)value : 0;
    }
}

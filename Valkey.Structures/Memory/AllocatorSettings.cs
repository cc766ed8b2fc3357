// jemalloc's settings and counters by their names ("arenas.page", "arena.0.dirty_decay_ms"), for whoever tunes the server.
//
// The allocator believes what it is given: it takes eight bytes for an address where it expects one, and tells an address
// where it has a text. So only names whose kind is known are written or read as text; any name but
// a few may be read as a number, since what fits into eight bytes is copied and nothing is followed.
// Holds always: whatever the name and the value, memory stays whole. What would hand all blocks back at once
// (arena.<i>.reset, arena.<i>.destroy) is not among the names. Any thread may call; some settings are of the calling thread.
// Source: https://jemalloc.net/jemalloc.3.html

using System.Runtime.InteropServices;
using System.Text;

namespace Valkey.Structures;

/// <summary>jemalloc's named settings. Methods answer 0, or the number of an error in the C library's counting.</summary>
public static unsafe class AllocatorSettings
{
    /// <summary>EPERM: the setting cannot be read, or cannot be changed.</summary>
    public const int NotPermitted = 1;

    /// <summary>ENOENT: there is no setting of that name.</summary>
    public const int NoSuchSetting = 2;

    /// <summary>EINVAL: the value, or what is asked for, is not of the setting's kind.</summary>
    public const int InvalidValue = 22;

    /// <summary>ENOSYS: the allocator is not jemalloc.</summary>
    public const int NoSettings = 38;

    private const int NameLengthMax = 127;
    private const int ValueLengthMax = 4095;
    private const int TextLengthMax = 4096;

    // Not even to be read: the first follows an address that nobody gave, the others are of another kind in each version.
    private static readonly byte[][] s_closed = Names("arenas.lookup", "experimental.*");

    // '*' stands for the number of an arena.
    private static readonly byte[][] s_writableNumbers = Names(
        "epoch", "background_thread", "max_background_threads", "arenas.dirty_decay_ms", "arenas.muzzy_decay_ms",
        "arena.*.dirty_decay_ms", "arena.*.muzzy_decay_ms", "arena.*.retain_grow_limit", "arena.*.oversize_threshold",
        "thread.arena", "thread.tcache.enabled", "thread.tcache.max", "thread.prof.active",
        "prof.active", "prof.gdump", "prof.reset", "prof.thread_active_init");

    private static readonly byte[][] s_texts = Names(
        "version", "config.malloc_conf", "arena.*.dss", "thread.prof.name", "opt.dss", "opt.junk", "opt.metadata_thp",
        "opt.percpu_arena", "opt.prof_prefix", "opt.stats_interval_opts", "opt.stats_print_opts", "opt.thp", "opt.zero_realloc");

    private static readonly byte[][] s_writableTexts = Names("arena.*.dss", "thread.prof.name", "prof.dump", "prof.prefix");

    private static readonly byte[][] s_actions = Names(
        "thread.tcache.flush", "thread.idle", "thread.peak.reset", "arena.*.purge", "arena.*.decay", "stats.mutexes.reset");

    /// <summary>Reads a setting that is a number or a switch (0 or 1).</summary>
    public static int ReadNumber(ReadOnlySpan<byte> name, out long value)
    {
        // How wide the number is only the allocator knows; it says so by refusing every other width.
        value = 0;
        if (NativeHeap.IsJemalloc && IsOneOf(name, s_closed)) return NotPermitted;
        int error = InvalidValue;
        for (nuint width = sizeof(long); width > 0 && error == InvalidValue; width /= 2)
        {
            long read = 0;
            nuint size = width;
            error = Control(name, &read, &size, null, 0);
            if (error == 0) value = read;
        }

        return error;
    }

    /// <summary>Sets a number or a switch.</summary>
    /// <param name="name">The setting.</param>
    /// <param name="value">The new value.</param>
    /// <param name="previous">What it was before; null when the setting cannot be read.</param>
    public static int WriteNumber(ReadOnlySpan<byte> name, long value, out long? previous)
    {
        previous = null;
        int error = ReadNumber(name, out long before);
        if (error is not (0 or NotPermitted)) return error;
        if (!IsOneOf(name, s_writableNumbers)) return NotPermitted;
        if (error == 0) previous = before;

        error = InvalidValue;
        for (nuint width = sizeof(long); width > 0 && error == InvalidValue; width /= 2)
        {
            if (width == sizeof(bool) && value is not (0 or 1)) return InvalidValue;
            long given = value;
            error = Control(name, null, null, &given, width);
        }

        return error;
    }

    /// <summary>Reads a setting that is a text.</summary>
    public static int ReadText(ReadOnlySpan<byte> name, out string text)
    {
        text = "";
        int error = ReadNumber(name, out long _); // tells a name that is not there from one of another kind
        if (!IsOneOf(name, s_texts)) return error == 0 ? InvalidValue : error;

        byte* value = null;
        nuint size = (nuint)sizeof(byte*);
        error = Control(name, &value, &size, null, 0);
        if (error != 0 || value == null) return error;
        ReadOnlySpan<byte> bytes = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(value);
        text = Encoding.UTF8.GetString(bytes.Length <= TextLengthMax ? bytes : bytes[..TextLengthMax]);
        return 0;
    }

    /// <summary>Sets a text.</summary>
    /// <param name="name">The setting.</param>
    /// <param name="value">The new text.</param>
    /// <param name="previous">What it was before; null when the setting cannot be read.</param>
    public static int WriteText(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, out string? previous)
    {
        previous = null;
        int error = ReadText(name, out string before);
        if (error is not (0 or NotPermitted)) return error;
        if (!IsOneOf(name, s_writableTexts)) return NotPermitted;
        if (value.Length > ValueLengthMax || value.Contains((byte)0)) return InvalidValue;
        if (error == 0) previous = before;

        Span<byte> terminated = stackalloc byte[ValueLengthMax + 1];
        value.CopyTo(terminated);
        terminated[value.Length] = 0;
        fixed (byte* text = terminated)
        {
            byte* given = text; // what it keeps of it, the allocator copies
            return Control(name, null, null, &given, (nuint)sizeof(byte*));
        }
    }

    /// <summary>Does what stands behind a name without a value: gives free pages back, empties the thread's cache.</summary>
    public static int Act(ReadOnlySpan<byte> name)
    {
        if (IsOneOf(name, s_actions)) return Control(name, null, null, null, 0);
        int error = ReadNumber(name, out long _);
        return error == 0 ? NotPermitted : error;
    }

    private static byte[][] Names(params string[] names) => Array.ConvertAll(names, Encoding.ASCII.GetBytes);

    private static bool IsOneOf(ReadOnlySpan<byte> name, byte[][] patterns)
    {
        foreach (byte[] pattern in patterns)
        {
            if (GlobPattern.Matches(pattern, name, ignoreCase: false)) return true;
        }

        return false;
    }

    private static int Control(ReadOnlySpan<byte> name, void* oldValue, nuint* oldSize, void* newValue, nuint newSize)
    {
        if (!NativeHeap.IsJemalloc) return NoSettings;
        if (name.Length > NameLengthMax || name.Contains((byte)0)) return NoSuchSetting;

        Span<byte> terminated = stackalloc byte[NameLengthMax + 1];
        name.CopyTo(terminated);
        terminated[name.Length] = 0;
        return AllocatorControl.Control(terminated, oldValue, oldSize, newValue, newSize);
    }
}

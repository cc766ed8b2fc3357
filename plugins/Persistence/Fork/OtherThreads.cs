// Whether the process's other threads stand still: the runtime's own (its compiler's, the thread pool's) cannot be asked to wait
// at a gate, but the kernel tells who is running. One that sleeps in the kernel is, but for rare exceptions, between two
// things and holds nothing that a child could need.
// Holds always: nothing is allocated, so that asking wakes nobody.

namespace Valkey.Persistence.Fork;

internal static unsafe class OtherThreads
{
    private const int OpenDirectory = 0x10000;
    private const int EntriesBytes = 4096;
    private const int StatBytes = 512;
    private const int LengthOffset = 16, NameOffset = 19; // struct linux_dirent64
    private const int PathBytesMax = 32;

    /// <summary>True when no other thread runs, or when it cannot be told.</summary>
    public static bool AreAsleep(int ownThreadId)
    {
        int folder;
        fixed (byte* path = "/proc/self/task\0"u8) folder = Native.Open(Native.CurrentFolder, path, OpenDirectory | Native.OpenCloseOnExec, 0);
        if (folder < 0) return true;
        byte* entries = stackalloc byte[EntriesBytes];
        bool areAsleep = true;
        while (areAsleep)
        {
            nint bytes = Native.SystemCall(Native.DirectoryEntriesNumber, folder, (nint)entries, EntriesBytes);
            if (bytes <= 0) break;
            for (nint at = 0; at < bytes && areAsleep; at += *(ushort*)(entries + at + LengthOffset))
                areAsleep = IsAsleep(folder, entries + at + NameOffset, ownThreadId);
        }

        _ = Native.Close(folder);
        return areAsleep;
    }

    private static bool IsAsleep(int folder, byte* name, int ownThreadId)
    {
        byte* path = stackalloc byte[PathBytesMax];
        int threadId = 0;
        int length = 0;
        for (; name[length] is >= (byte)'0' and <= (byte)'9' && length < PathBytesMax - 8; length++)
        {
            path[length] = name[length];
            threadId = (threadId * 10) + name[length] - '0';
        }

        if (length == 0 || threadId == ownThreadId) return true; // "." and ".."
        "/stat\0"u8.CopyTo(new Span<byte>(path + length, PathBytesMax - length));
        int file = Native.Open(folder, path, Native.OpenCloseOnExec, 0);
        if (file < 0) return true; // it has ended
        byte* stat = stackalloc byte[StatBytes];
        nint bytes = Native.Read(file, stat, StatBytes);
        _ = Native.Close(file);

        // "123 (name) S ...": the name may hold anything, a parenthesis too.
        int end = new ReadOnlySpan<byte>(stat, (int)Math.Max(bytes, 0)).LastIndexOf((byte)')');
        return end < 0 || end + 2 >= bytes || stat[end + 2] is not ((byte)ProcessState.Running or (byte)ProcessState.WaitingForDisk);
    }
}

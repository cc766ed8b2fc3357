// The calls into libc for files that the base library does not have, or whose errors it does not tell as the system does.

using System.Runtime.InteropServices;

namespace Valkey.Aof.Files;

internal static unsafe partial class Libc
{
    public const int OpenReadOnly = 0, OpenWriteOnly = 1, OpenCreate = 0x40, OpenTruncate = 0x200, OpenAppend = 0x400;
    public const int OpenNonBlocking = 0x800, OpenCloseOnExec = 0x80000;
    public const int SeekSet = 0, SeekEnd = 2;
    public const int FileMode = 0b110_110_110, FolderMode = 0b111_101_101; // less the umask
    public const int EventCloseOnExec = 0x80000;
    public const int ErrorNoSpace = 28;
    public const int ErrorNoEntry = 2, ErrorInterrupted = 4, ErrorBadDescriptor = 9, ErrorInvalid = 22;

    private static readonly delegate* unmanaged<int, void*, nuint, nint> s_write =
        (delegate* unmanaged<int, void*, nuint, nint>)NativeLibrary.GetExport(NativeLibrary.GetMainProgramHandle(), "write");

    private static readonly delegate* unmanaged<int, int> s_dataSync =
        (delegate* unmanaged<int, int>)NativeLibrary.GetExport(NativeLibrary.GetMainProgramHandle(), "fdatasync");

    /// <summary>The number of the error of this thread's last call.</summary>
    public static int LastError => Marshal.GetLastPInvokeError();

    /// <summary>The error of this thread's last call in words.</summary>
    public static string LastErrorText => Marshal.GetPInvokeErrorMessage(LastError);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int descriptor, void* bytes, nuint count);

    /// <summary>write(2), by the symbols of the whole program, as <see cref="FDataSync"/>.</summary>
    public static nint Write(int descriptor, void* bytes, nuint count)
    {
        nint written = s_write(descriptor, bytes, count);
        if (written < 0) Marshal.SetLastPInvokeError(Marshal.GetLastSystemError());
        return written;
    }

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    public static partial long Seek(int descriptor, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    public static partial int FSync(int descriptor);

    /// <summary>
    /// fdatasync(2), by the symbols of the whole program: so a library that was preloaded is asked first, by which tests make a
    /// disk slow or faulty.
    /// </summary>
    public static int FDataSync(int descriptor)
    {
        int result = s_dataSync(descriptor);
        if (result != 0) Marshal.SetLastPInvokeError(Marshal.GetLastSystemError());
        return result;
    }

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    public static partial int FTruncate(int descriptor, long length);

    [LibraryImport("libc", EntryPoint = "truncate", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Truncate(string path, long length);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Rename(string from, string to);

    [LibraryImport("libc", EntryPoint = "unlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Unlink(string path);

    [LibraryImport("libc", EntryPoint = "mkdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int MakeFolder(string path, int mode);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventDescriptor(uint initialValue, int flags);

    /// <summary>Waits until the descriptor can be read, or for so long; true when it can be read.</summary>
    public static bool WaitReadable(int descriptor, long microseconds)
    {
        PollEntry entry = new() { Descriptor = descriptor, Wanted = PollIn };
        TimeSpecification timeout = new() { Seconds = microseconds / 1_000_000, Nanoseconds = microseconds % 1_000_000 * 1000 };
        return Poll(&entry, 1, &timeout, null) > 0;
    }

    [LibraryImport("libc", EntryPoint = "ppoll")]
    private static partial int Poll(PollEntry* entries, nuint count, TimeSpecification* timeout, void* signals);

    private const short PollIn = 1;

    private struct PollEntry
    {
        public int Descriptor;
        public short Wanted, Found;
    }

    private struct TimeSpecification
    {
        public long Seconds, Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "usleep")]
    public static partial int SleepMicroseconds(uint microseconds);

    /// <summary>An error number in words.</summary>
    public static string TextOf(int errorNumber) => Marshal.GetPInvokeErrorMessage(errorNumber);
}

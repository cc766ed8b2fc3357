// A file that is written front to back: snapshots and logs. Bytes gather in a native buffer and go out by write(2).
//
// A failure is kept, not thrown: everything after it is ignored, and the error number is there to be asked for. So it may be
// used in a forked child, where nothing may throw, allocate or take a lock.
// Holds always: what the buffer holds is exactly what has not been handed to the system yet. One thread at a time.

using System.Runtime.InteropServices;

namespace Valkey.Structures;

/// <summary>Writes one file through a native buffer.</summary>
public sealed unsafe partial class NativeFileWriter : IDisposable
{
    /// <summary>How much is gathered before it is written.</summary>
    public const int BufferBytes = 128 * 1024;

    private const int WriteMaxBytes = 1 << 30; // one call; the system itself stops a little below 2 GB
    private const int OpenWriteOnly = 0x001;
    private const int OpenCreate = 0x040;
    private const int OpenTruncate = 0x200;
    private const int OpenCloseOnExec = 0x80000;
    private const int ErrorInterrupted = 4;
    private const int ErrorInputOutput = 5;
    private const uint WaitBefore = 1, StartWrite = 2;

    private readonly long _syncEveryBytes;
    private byte* _buffer;
    private int _used;
    private long _handedOver;
    private long _syncStarted;

    /// <summary>Takes over a descriptor that is open for writing.</summary>
    /// <param name="descriptor">Closed with the writer.</param>
    /// <param name="syncEveryBytes">The disk is kept busy as the file grows, every so many bytes; 0: it is left to the system.</param>
    public NativeFileWriter(int descriptor, long syncEveryBytes = 0)
    {
        Descriptor = descriptor;
        _syncEveryBytes = syncEveryBytes;
        _buffer = (byte*)NativeHeap.Allocate(BufferBytes);
    }

    /// <summary>The open file; -1 once it was closed.</summary>
    public int Descriptor { get; private set; }

    /// <summary>Bytes taken so far.</summary>
    public long BytesWritten => _handedOver + _used;

    /// <summary>The first error number of the system, 0 while there is none.</summary>
    public int ErrorNumber { get; private set; }

    /// <summary>Creates or empties a file, readable for all as far as the umask allows. Null with the error number when that fails.</summary>
    public static NativeFileWriter? TryCreate(string path, long syncEveryBytes, out int errorNumber)
    {
        int descriptor = Open(path, OpenWriteOnly | OpenCreate | OpenTruncate | OpenCloseOnExec, 0b110_100_100);
        errorNumber = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
        return descriptor < 0 ? null : new NativeFileWriter(descriptor, syncEveryBytes);
    }

    /// <summary>Takes bytes.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (ErrorNumber != 0 || _buffer == null) return;
        if (bytes.Length > BufferBytes - _used)
        {
            Flush();
            if (bytes.Length >= BufferBytes)
            {
                fixed (byte* start = bytes) HandOver(start, bytes.Length);
                return;
            }
        }

        bytes.CopyTo(new Span<byte>(_buffer + _used, BufferBytes - _used));
        _used += bytes.Length;
    }

    /// <summary>Hands what was gathered to the system.</summary>
    public void Flush()
    {
        int used = _used;
        _used = 0;
        if (used > 0) HandOver(_buffer, used);
    }

    /// <summary>Hands everything over and waits until the disk has it. 0, or the error number that made it fail.</summary>
    public int Sync()
    {
        Flush();
        while (ErrorNumber == 0 && FileSync(Descriptor) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error != ErrorInterrupted) ErrorNumber = error;
        }

        return ErrorNumber;
    }

    /// <summary>Closes the file and frees the buffer; what is still in it is lost.</summary>
    public void Dispose()
    {
        if (Descriptor >= 0 && Close(Descriptor) != 0 && ErrorNumber == 0) ErrorNumber = Marshal.GetLastPInvokeError();
        Descriptor = -1;
        if (_buffer != null) NativeHeap.Free((nint)_buffer, BufferBytes);
        _buffer = null;
        _used = 0;
    }

    private void HandOver(byte* start, int length)
    {
        while (length > 0 && ErrorNumber == 0)
        {
            nint count = Write(Descriptor, start, (nuint)Math.Min(length, WriteMaxBytes));
            if (count <= 0)
            {
                int error = count < 0 ? Marshal.GetLastPInvokeError() : ErrorInputOutput;
                if (error != ErrorInterrupted) ErrorNumber = error;
                continue;
            }

            start += count;
            length -= (int)count;
            _handedOver += count;
        }

        if (_syncEveryBytes > 0 && _handedOver - _syncStarted >= _syncEveryBytes && ErrorNumber == 0) KeepDiskBusy();
    }

    /// <summary>
    /// The disk begins with what came since the last time, and has finished with what came before: so that the sync at the end
    /// is short and the system's dirty pages stay few.
    /// </summary>
    private void KeepDiskBusy()
    {
        long count = _handedOver - _syncStarted;
        // Best effort, as not every file system can do it: the sync at the end tells whether the data arrived.
        _ = SyncRange(Descriptor, 0, _syncStarted, WaitBefore);
        _ = SyncRange(Descriptor, _syncStarted, count, StartWrite);
        _syncStarted = _handedOver;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int descriptor, void* bytes, nuint count);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FileSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "sync_file_range", SetLastError = true)]
    private static partial int SyncRange(int descriptor, long offset, long count, uint flags);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}

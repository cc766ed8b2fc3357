// The file that commands are appended to: the last increment of the manifest, or the temporary one of a first rewrite.
//
// Holds always: SizeBytes is what the file has of whole commands, or of bytes that could not be taken back; everything before
// SyncedBytes was handed to the disk. The command thread's, or the commit thread's while it writes.

using Valkey.Aof.Files;

namespace Valkey.Aof.Writing;

/// <summary>What became of a write.</summary>
internal enum WriteOutcome
{
    /// <summary>All of it is in the file.</summary>
    Complete,

    /// <summary>Nothing of it is in the file.</summary>
    Nothing,

    /// <summary>A part of it is in the file and could not be taken back.</summary>
    Torn,
}

internal sealed unsafe class IncrementFile : IDisposable
{
    private const int WriteMaxBytes = 1 << 30; // one call; the system stops a little below 2 GB

    private long _sizeBytes;

    private IncrementFile(string name, int descriptor, long sizeBytes)
    {
        Name = name;
        Descriptor = descriptor;
        _sizeBytes = SyncedBytes = sizeBytes;
    }

    /// <summary>Its name within the folder.</summary>
    public string Name { get; }

    /// <summary>The open file; -1 once it was closed or handed on.</summary>
    public int Descriptor { get; private set; }

    /// <summary>Bytes in it. Any thread.</summary>
    public long SizeBytes => Volatile.Read(ref _sizeBytes);

    /// <summary>Bytes that a sync was asked for.</summary>
    public long SyncedBytes { get; set; }

    /// <summary>Error number of the last call that failed.</summary>
    public int ErrorNumber { get; private set; }

    /// <summary>Bytes of the last write that are in the file although the whole of it is not.</summary>
    public long TornBytes { get; private set; }

    /// <summary>Opens a file to append to, or creates it. Null with the error number when that fails.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="name">Its name within the folder.</param>
    /// <param name="isNew">Whatever is in it is thrown away.</param>
    /// <param name="errorNumber">Of the failure.</param>
    public static IncrementFile? TryOpen(AofFolder folder, string name, bool isNew, out int errorNumber)
    {
        int flags = Libc.OpenWriteOnly | Libc.OpenCreate | Libc.OpenCloseOnExec | (isNew ? Libc.OpenTruncate : Libc.OpenAppend);
        int descriptor = Libc.Open(folder.PathOf(name), flags, Libc.FileMode);
        errorNumber = descriptor < 0 ? Libc.LastError : 0;
        return descriptor < 0 ? null : new IncrementFile(name, descriptor, isNew ? 0 : Libc.Seek(descriptor, 0, Libc.SeekEnd));
    }

    /// <summary>Appends bytes. After a short write the file is cut back to what it had.</summary>
    /// <param name="bytes">Whole commands.</param>
    /// <param name="shortBytes">How much a short write had written; -1 when there was none.</param>
    public WriteOutcome Write(CommandBuffer bytes, out long shortBytes)
    {
        shortBytes = -1;
        long length = bytes.Length;
        long written = 0;
        fixed (byte* start = bytes.Front)
        {
            while (written < length)
            {
                nint count = Libc.Write(Descriptor, start + written, (nuint)Math.Min(length - written, WriteMaxBytes));
                if (count > 0)
                {
                    written += count;
                    continue;
                }

                ErrorNumber = count < 0 ? Libc.LastError : Libc.ErrorNoSpace;
                if (count < 0 && ErrorNumber == Libc.ErrorInterrupted) continue;
                break;
            }
        }

        if (written == length)
        {
            Volatile.Write(ref _sizeBytes, _sizeBytes + length);
            return WriteOutcome.Complete;
        }

        if (written == 0) return WriteOutcome.Nothing;
        shortBytes = written;
        return TakeBack(written);
    }

    /// <summary>Cuts the file back to whole commands; also after a sync that failed, where nothing behind is certain.</summary>
    /// <param name="sizeBytes">How long it is to be.</param>
    public bool TryCut(long sizeBytes)
    {
        if (Libc.FTruncate(Descriptor, sizeBytes) != 0 || Libc.Seek(Descriptor, sizeBytes, Libc.SeekSet) < 0)
        {
            ErrorNumber = Libc.LastError;
            return false;
        }

        Volatile.Write(ref _sizeBytes, sizeBytes);
        return true;
    }

    /// <summary>Waits until the disk has it. False with <see cref="ErrorNumber"/> when that fails.</summary>
    public bool TrySync()
    {
        while (Libc.FDataSync(Descriptor) != 0)
        {
            ErrorNumber = Libc.LastError;
            if (ErrorNumber is Libc.ErrorBadDescriptor or Libc.ErrorInvalid) return true; // cannot be synced, /dev/null say
            if (ErrorNumber != Libc.ErrorInterrupted) return false;
        }

        return true;
    }

    /// <summary>Somebody else closes the descriptor.</summary>
    public int HandOver()
    {
        int descriptor = Descriptor;
        Descriptor = -1;
        return descriptor;
    }

    public void Dispose()
    {
        if (Descriptor >= 0) _ = Libc.Close(Descriptor);
        Descriptor = -1;
    }

    private WriteOutcome TakeBack(long written)
    {
        int error = ErrorNumber;
        if (TryCut(_sizeBytes))
        {
            ErrorNumber = error;
            TornBytes = 0;
            return WriteOutcome.Nothing;
        }

        TornBytes = written;
        Volatile.Write(ref _sizeBytes, _sizeBytes + written);
        return WriteOutcome.Torn;
    }
}

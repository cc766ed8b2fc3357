// How a snapshot becomes the file dir/dbfilename: written under another name, synced, renamed, and the folder synced, so that
// whatever happens in between the old file or the new one is there, whole. Command thread only.

using System.Globalization;
using System.Runtime.InteropServices;
using Valkey.Abstractions;
using Valkey.Host.Configuration;
using Valkey.Host.Process;
using Valkey.Structures;

namespace Valkey.Host.Snapshots;

internal sealed class SnapshotFile(Server server)
{
    private readonly SnapshotOptions _options = server.Options.Snapshots;

    /// <summary>Where a process writes until the file is complete.</summary>
    public static string TemporaryName(int processId) => string.Create(CultureInfo.InvariantCulture, $"temp-{processId}.rdb");

    /// <summary>A file of that name, with the syncing that the options ask for.</summary>
    public FileSink Create(string path) => new(path, _options.IncrementalSync.Value);

    /// <summary>What stands at the head of a snapshot that is taken now.</summary>
    /// <param name="isLogBase">It is the base of an append-only file.</param>
    public SnapshotHeader Header(bool isLogBase = false) => new()
    {
        Fields =
        [
            ("valkey-ver", ServerVersion.Valkey),
            ("redis-bits", (IntPtr.Size * 8).ToString(CultureInfo.InvariantCulture)),
            ("ctime", server.Clock.UnixSeconds.ToString(CultureInfo.InvariantCulture)),
            ("used-mem", NativeHeap.UsedBytes.ToString(CultureInfo.InvariantCulture)),
            ("aof-base", isLogBase ? "1" : "0"),
        ],
    };

    /// <summary>Writes and installs the whole dataset, here and now. False, with the reason in the log, when that failed.</summary>
    public bool Write(ISnapshotFormat format)
    {
        string path = TemporaryName(Environment.ProcessId);
        bool isWritten;
        using (FileSink sink = Create(path))
        {
            if (sink.FailedToOpen)
            {
                LogOpenFailure(path, sink.ErrorNumber);
                return false;
            }

            isWritten = Write(format, sink);
        }

        if (!isWritten) Remove(path);
        if (!isWritten || !Rename(path)) return false;
        if (SyncFolder() is not { } error) return true;
        LogSyncFailure(error);
        return false;
    }

    /// <summary>Gives the complete file its name; <see cref="SyncFolder"/> makes that last. False, with the reason in the log, when that failed; the file is gone then.</summary>
    public bool Rename(string temporaryPath)
    {
        string path = _options.FileName.Value;
        // The file that is replaced is kept open until a helper closes it: giving gigabytes back to the disk takes tens of milliseconds.
        int replaced = Libc.Open(path, Libc.OpenReadOnly | Libc.OpenNonBlocking | Libc.OpenCloseOnExec, 0);
        bool isRenamed = Libc.Rename(temporaryPath, path) == 0;
        string error = isRenamed ? "" : Libc.LastErrorText(); // before anything else calls the system
        if (replaced >= 0) server.BackgroundWork.Run("replaced snapshot", () => Libc.Close(replaced), static _ => { });
        if (!isRenamed)
        {
            server.Log.Write(
                LogLevel.Warning,
                $"Error moving temp DB file {temporaryPath} on the final destination {path} (in server root dir {Folder}): {error}");
            Remove(temporaryPath);
            return false;
        }

        return true;
    }

    /// <summary>Waits until the rename is on the disk. Null or the error; a file system that cannot sync a folder is none. Any thread.</summary>
    public static string? SyncFolder()
    {
        const int NotSupported = 22; // EINVAL
        int descriptor = Libc.Open(".", Libc.OpenReadOnly | Libc.OpenCloseOnExec, 0);
        if (descriptor < 0) return Libc.LastErrorText();
        string? error = Libc.FSync(descriptor) != 0 && Marshal.GetLastPInvokeError() != NotSupported ? Libc.LastErrorText() : null;
        _ = Libc.Close(descriptor);
        return error;
    }

    public void LogSyncFailure(string error) =>
        server.Log.Write(LogLevel.Warning, $"Failed to fsync directory while saving DB: {error}");

    /// <summary>Removes what a save that came to nothing has left.</summary>
    public static void Remove(string temporaryPath) => _ = Libc.Unlink(temporaryPath);

    /// <summary>As <see cref="Remove"/>; a helper gives the file's blocks back to the disk, which takes its time for gigabytes.</summary>
    public void RemoveInBackground(string temporaryPath)
    {
        int descriptor = Libc.Open(temporaryPath, Libc.OpenReadOnly | Libc.OpenNonBlocking | Libc.OpenCloseOnExec, 0);
        Remove(temporaryPath);
        if (descriptor >= 0) server.BackgroundWork.Run("removed snapshot", () => Libc.Close(descriptor), static _ => { });
    }

    public void LogOpenFailure(string path, int errorNumber) => server.Log.Write(
        LogLevel.Warning,
        $"Failed opening the temp RDB file {path} (in server root dir {Folder}) for saving: {Marshal.GetPInvokeErrorMessage(errorNumber)}");

    private static string Folder => Directory.GetCurrentDirectory();

    private bool Write(ISnapshotFormat format, FileSink sink)
    {
        string? failure = null;
        try
        {
            using ISnapshotWriter writer = format.CreateWriter(sink, Header());
            server.Snapshots.Dataset.WriteTo(writer, progress: null);
            if (!sink.Complete()) failure = Marshal.GetPInvokeErrorMessage(sink.ErrorNumber);
        }
        catch (Exception exception)
        {
            failure = exception.ToString(); // a data type or the format: the server goes on
        }

        if (failure is not null) server.Log.Write(LogLevel.Warning, $"Write error while saving DB to the disk(write): {failure}");
        return failure is null;
    }
}

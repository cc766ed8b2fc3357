// The folder of the append-only file: its manifest and its files, below the working directory of the server.
//
// The manifest is replaced as a whole: written under another name, synced, renamed, and the folder synced, so that after
// whatever happens in between the old one or the new one is there. New files lie in the same folder, so that sync covers them.
// Holds always: Manifest is what the disk has, or is about to have and says so by IsDirty. Command thread only.

using System.Text;
using Valkey.Abstractions;

namespace Valkey.Aof.Files;

internal sealed class AofFolder(Func<string> folderName, Func<string> fileName, ILog log, IBackgroundWork background)
{
    private const string ManifestSuffix = ".manifest";
    private const string TemporaryPrefix = "temp-";
    private const int ManifestBytesMax = 64 << 20;

    /// <summary>The manifest in force.</summary>
    public AofManifest Manifest { get; set; } = new();

    /// <summary>appenddirname.</summary>
    public string Name => folderName();

    /// <summary>appendfilename: what the names of all files begin with, and the name of an old server's only file.</summary>
    public string FileName => fileName();

    /// <summary>The manifest's name within the folder.</summary>
    public string ManifestName => FileName + ManifestSuffix;

    /// <summary>The name of an increment that is not in the manifest yet, because the rewrite that it belongs to runs.</summary>
    public string TemporaryIncrementName => TemporaryPrefix + FileName + ".incr";

    /// <summary>Where a file of the folder is.</summary>
    public string PathOf(string name) => Name + "/" + name;

    /// <summary>Whether the folder has a file of that name.</summary>
    public bool Has(string name) => File.Exists(PathOf(name));

    /// <summary>Makes the manifest on the disk the one in force; without one, an empty one. False, with the reason in the log, when it cannot be read.</summary>
    public bool TryReadManifest()
    {
        Manifest = new AofManifest();
        if (!Directory.Exists(Name))
        {
            if (log.IsEnabled(LogLevel.Debug)) log.Write(LogLevel.Debug, $"The AOF directory {Name} doesn't exist");
            return true;
        }

        if (!Has(ManifestName))
        {
            if (log.IsEnabled(LogLevel.Debug)) log.Write(LogLevel.Debug, $"The AOF manifest file {ManifestName} doesn't exist");
            return true;
        }

        return TryReadManifest(PathOf(ManifestName));
    }

    /// <summary>Creates the folder when it is missing. False, with the reason in the log, when that fails.</summary>
    public bool TryCreate()
    {
        if (Libc.MakeFolder(Name, Libc.FolderMode) == 0) return true;
        string error = Libc.LastErrorText; // before anything else calls the system
        if (Directory.Exists(Name)) return true;
        Warn($"Can't open or create append-only dir {Name}: {error}");
        return false;
    }

    /// <summary>Brings a manifest to the disk when it is dirty. False, with the reason in the log, when that fails.</summary>
    public bool TrySave(AofManifest manifest)
    {
        if (!manifest.IsDirty) return true;
        if (!TryReplaceManifest(Encoding.UTF8.GetBytes(manifest.Format()))) return false;
        manifest.IsDirty = false;
        return true;
    }

    /// <summary>Deletes what the manifest calls history. False, with the reason in the log, when the manifest could not be brought up to date.</summary>
    public bool TryDeleteHistory()
    {
        if (Manifest.History.Count == 0) return true;
        foreach (AofFile file in Manifest.History)
        {
            log.Write(LogLevel.Notice, $"Removing the history file {file.Name} in the background");
            Delete(PathOf(file.Name));
        }

        Manifest.ForgetHistory();
        return TrySave(Manifest);
    }

    /// <summary>Deletes the increment of a rewrite that came to nothing.</summary>
    public void DeleteTemporaryIncrement()
    {
        log.Write(LogLevel.Notice, $"Removing the temp incr aof file {TemporaryIncrementName} in the background");
        Delete(PathOf(TemporaryIncrementName));
    }

    /// <summary>Takes a file's name away at once; its blocks go back to the disk beside the commands, because that takes long.</summary>
    public void Delete(string path)
    {
        int descriptor = Libc.Open(path, Libc.OpenReadOnly | Libc.OpenCloseOnExec, 0);
        _ = Libc.Unlink(path);
        if (descriptor >= 0) background.Run("aof file deletion", () => _ = Libc.Close(descriptor));
    }

    /// <summary>The size of a file of the folder. False, with the reason in the log, when it is not to be had.</summary>
    public bool TrySizeOf(string name, out long sizeBytes)
    {
        sizeBytes = 0;
        int descriptor = Libc.Open(PathOf(name), Libc.OpenReadOnly | Libc.OpenNonBlocking | Libc.OpenCloseOnExec, 0);
        if (descriptor >= 0)
        {
            sizeBytes = Libc.Seek(descriptor, 0, Libc.SeekEnd);
            string error = Libc.LastErrorText;
            _ = Libc.Close(descriptor);
            if (sizeBytes >= 0) return true;
            Warn($"Unable to obtain the AOF file {name} length. stat: {error}");
            return false;
        }

        Warn($"Unable to obtain the AOF file {name} length. stat: {Libc.LastErrorText}");
        return false;
    }

    /// <summary>Waits until the disk has the folder's names. Null or the error; a file system that cannot sync a folder is none. Any thread.</summary>
    public string? Sync()
    {
        int descriptor = Libc.Open(Name, Libc.OpenReadOnly | Libc.OpenCloseOnExec, 0);
        if (descriptor < 0) return Libc.LastErrorText;
        string? error = Libc.FSync(descriptor) != 0 && Libc.LastError is not (Libc.ErrorInvalid or Libc.ErrorBadDescriptor)
            ? Libc.LastErrorText
            : null;
        _ = Libc.Close(descriptor);
        return error;
    }

    /// <summary>
    /// Moves the only file of an old server into the folder, where it becomes the base. When that is interrupted, the next start
    /// goes on with it. False, with the reason in the log, when it fails.
    /// </summary>
    public bool TryUpgrade()
    {
        if (!TryCreate()) return false;
        Manifest.AdoptBase(FileName);
        if (!TrySave(Manifest)) return false;
        if (Libc.Rename(FileName, PathOf(FileName)) != 0)
        {
            Warn($"Error trying to move the old AOF file {FileName} into dir {Name}: {Libc.LastErrorText}");
            return false;
        }

        log.Write(LogLevel.Notice, $"Successfully migrated an old-style AOF file ({FileName}) into the AOF directory ({Name}).");
        return true;
    }

    /// <summary>Whether an old server's only file lies beside the folder and is not what the manifest is about already.</summary>
    public bool NeedsUpgrade()
    {
        if (!File.Exists(FileName)) return false;
        if (!Directory.Exists(Name) || Manifest.LoadedCount == 0) return true;
        return Manifest.Increments.Count == 0 && Manifest.Base?.Name == FileName && !Has(FileName); // it was interrupted
    }

    private bool TryReadManifest(string path)
    {
        try
        {
            if (new FileInfo(path).Length > ManifestBytesMax)
                throw new ManifestException($"The AOF manifest file is larger than {ManifestBytesMax} bytes", 0, null);
            Manifest = ManifestReader.Parse(File.ReadAllBytes(path));
            return true;
        }
        catch (ManifestException exception)
        {
            foreach (string line in exception.Report()) Warn(line);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Warn($"Fatal error: can't open the AOF manifest file {path} for reading: {exception.Message}");
        }

        return false;
    }

    private bool TryReplaceManifest(ReadOnlySpan<byte> text)
    {
        string temporaryName = TemporaryPrefix + ManifestName;
        int descriptor = Libc.Open(
            PathOf(temporaryName), Libc.OpenWriteOnly | Libc.OpenCreate | Libc.OpenTruncate | Libc.OpenCloseOnExec, Libc.FileMode);
        if (descriptor < 0)
        {
            Warn($"Can't open the AOF manifest file {temporaryName}: {Libc.LastErrorText}");
            return false;
        }

        string? failure = WriteAll(descriptor, text) is { } error
            ? $"Error trying to write the temporary AOF manifest file {temporaryName}: {error}"
            : Libc.FSync(descriptor) != 0
                ? $"Fail to fsync the temp AOF file {temporaryName}: {Libc.LastErrorText}."
                : null;
        _ = Libc.Close(descriptor);
        if (failure is null && Libc.Rename(PathOf(temporaryName), PathOf(ManifestName)) != 0)
            failure = $"Error trying to rename the temporary AOF manifest file {temporaryName} into {ManifestName}: {Libc.LastErrorText}";
        if (failure is null && Sync() is { } syncError) failure = $"Fail to fsync AOF directory {PathOf(ManifestName)}: {syncError}.";
        if (failure is not null) Warn(failure);
        return failure is null;
    }

    private static unsafe string? WriteAll(int descriptor, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            for (int written = 0; written < bytes.Length;)
            {
                nint count = Libc.Write(descriptor, start + written, (nuint)(bytes.Length - written));
                if (count > 0) written += (int)count;
                else if (Libc.LastError != Libc.ErrorInterrupted) return Libc.LastErrorText;
            }
        }

        return null;
    }

    private void Warn(string line) => log.Write(LogLevel.Warning, line);
}

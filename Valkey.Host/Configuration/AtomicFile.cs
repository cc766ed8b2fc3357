// Replaces a file so that a crash leaves the old one or the new one, never half of either.

using Valkey.Host.Process;

namespace Valkey.Host.Configuration;

internal static class AtomicFile
{
    private const UnixFileMode Mode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Writes the bytes in the place of the file.</summary>
    /// <exception cref="IOException">It was not possible; the old file is unharmed.</exception>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        string temporaryPath = $"{path}.{Path.GetRandomFileName()}";
        try
        {
            FileStreamOptions options = new()
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = Mode, // the process's umask is applied by the kernel
                BufferSize = 0,
            };
            using (FileStream file = new(temporaryPath, options))
            {
                file.Write(bytes);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporaryPath, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporaryPath);
            throw;
        }

        SyncFolder(Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/");
    }

    private static void SyncFolder(string folder)
    {
        int descriptor = Libc.Open(folder, Libc.OpenReadOnly | Libc.OpenCloseOnExec, 0);
        if (descriptor < 0) return; // not every file system lets a folder be opened; the rename itself has happened
        _ = Libc.FSync(descriptor);
        _ = Libc.Close(descriptor);
    }
}

// UnixSocketFile: the file that stands for a Unix socket: its address for the kernel, its rights, its removal.
// Holds always: only sockets are removed, and at the end only the one that we made. A file that happens to lie at the
// path stays, and binding says that the address is in use.

using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Valkey.Transports.Shared;

namespace Valkey.Transports.Unix;

internal sealed unsafe class UnixSocketFile
{
    /// <summary>Room for a path in struct sockaddr_un, with the terminating zero.</summary>
    public const int PathBytesMax = 108;

    private const int AddressBytes = 2 + PathBytesMax;
    private const int FileTypeMask = 0xF000;
    private const int FileTypeSocket = 0xC000;
    private const uint KeepOwner = uint.MaxValue;

    private readonly byte[] _path; // ends with a zero
    private ulong _inode;

    public UnixSocketFile(string path)
    {
        Path = path;
        _path = Encoding.UTF8.GetBytes(path + "\0");
    }

    public string Path { get; }

    /// <summary>Null when the path fits into an address, else what is wrong with it.</summary>
    public string? Check() => _path.Length <= PathBytesMax
        ? null
        : $"unix socket path too long ({_path.Length - 1}), must be under {PathBytesMax}";

    /// <summary>Removes the socket that a server before us left.</summary>
    public void RemoveStale()
    {
        if (TryGetInode(out _)) Unlink();
    }

    /// <summary>Removes the file when it is still the one that <see cref="TryBind"/> made.</summary>
    public void RemoveOwn()
    {
        if (_inode != 0 && TryGetInode(out ulong inode) && inode == _inode) Unlink();
        _inode = 0;
    }

    public bool TryBind(int descriptor)
    {
        byte* address = stackalloc byte[AddressBytes];
        FillAddress(address);
        if (Libc.Bind(descriptor, address, AddressBytes) != 0) return false;
        _ = TryGetInode(out _inode);
        return true;
    }

    public bool TryConnect(int descriptor)
    {
        byte* address = stackalloc byte[AddressBytes];
        FillAddress(address);
        return Libc.Connect(descriptor, address, AddressBytes) == 0 || Errno.Last == Errno.InProgress;
    }

    /// <summary>Sets the permissions; 0 leaves what the umask made of them.</summary>
    public void SetPermissions(uint permissions)
    {
        if (permissions == 0) return;
        fixed (byte* path = _path) _ = Libc.ChangeMode(path, permissions);
    }

    /// <summary>Gives the file to a group, by name or number. Null or what went wrong.</summary>
    public string? SetGroup(string group)
    {
        if (group.Length == 0) return null;
        if (!TryFindGroup(group, out uint id)) return $"getgrnam error for group '{group}': {Errno.LastText}";
        fixed (byte* path = _path)
        {
            return Libc.ChangeOwner(path, KeepOwner, id) == 0 ? null : $"chown error for group '{group}': {Errno.LastText}";
        }
    }

    private static bool TryFindGroup(string group, out uint id)
    {
        fixed (byte* name = Encoding.UTF8.GetBytes(group + "\0"))
        {
            GroupEntry* entry = Libc.FindGroup(name);
            if (entry == null)
            {
                int errno = Errno.Last;
                bool isNumber = uint.TryParse(group, NumberStyles.None, CultureInfo.InvariantCulture, out id);
                Marshal.SetLastPInvokeError(errno); // parsing must not change what the caller reports
                return isNumber;
            }

            id = entry->Id;
            return true;
        }
    }

    private void FillAddress(byte* address)
    {
        Span<byte> bytes = new(address, AddressBytes);
        bytes.Clear();
        ushort family = Libc.FamilyUnix;
        MemoryMarshal.Write(bytes, in family);
        _path.CopyTo(bytes[sizeof(ushort)..]);
    }

    private void Unlink()
    {
        fixed (byte* path = _path) _ = Libc.Unlink(path);
    }

    /// <summary>True when there is a socket at the path.</summary>
    private bool TryGetInode(out ulong inode)
    {
        FileStatus status = default;
        fixed (byte* path = _path)
        {
            bool isThere = Libc.GetStatus(
                Libc.AtWorkingDirectory, path, Libc.AtNoFollow, Libc.StatusTypeAndInode, &status) == 0;
            inode = status.Inode;
            return isThere && (status.Mode & FileTypeMask) == FileTypeSocket;
        }
    }
}

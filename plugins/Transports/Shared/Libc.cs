// The calls into libc that sockets need, as they are: integers and pointers only, so nothing is marshalled, and the error
// number is kept for Errno.Last. Structures have the layout of 64-bit Linux.

using System.Runtime.InteropServices;

namespace Valkey.Transports.Shared;

/// <summary>struct msghdr; the I/O vector is an array of IoSlice, which has the layout of struct iovec.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MessageHeader
{
    public byte* Name;
    public uint NameLength;
    public void* Slices;
    public nuint SliceCount;
    public byte* Control;
    public nuint ControlLength;
    public int Flags;
}

/// <summary>struct addrinfo.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct AddressInfo
{
    public int Flags;
    public int Family;
    public int SocketType;
    public int Protocol;
    public uint AddressLength;
    public byte* Address;
    public byte* CanonicalName;
    public AddressInfo* Next;
}

/// <summary>struct group.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct GroupEntry
{
    public byte* Name;
    public byte* Password;
    public uint Id;
    public byte** Members;
}

/// <summary>struct statx, as far as we look at it.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct FileStatus
{
    [FieldOffset(28)]
    public ushort Mode;

    [FieldOffset(32)]
    public ulong Inode;
}

internal static unsafe partial class Libc
{
    public const int FamilyUnix = 1;
    public const int FamilyInet = 2;
    public const int FamilyInet6 = 10;
    public const int SocketStream = 1;
    public const int SocketNonBlocking = 0x800;
    public const int SocketCloseOnExec = 0x80000;
    public const int LevelSocket = 1;
    public const int ReuseAddress = 2;
    public const int KeepAlive = 9;
    public const int ReusePort = 15;
    public const int Mark = 36;
    public const int ProtocolTcp = 6;
    public const int ProtocolIpv6 = 41;
    public const int ProtocolMultipathTcp = 262;
    public const int NoDelay = 1;
    public const int KeepAliveIdle = 4;
    public const int KeepAliveInterval = 5;
    public const int KeepAliveCount = 6;
    public const int Ipv6Only = 26;
    public const int MessageNoSignal = 0x4000;
    public const int ShutdownBoth = 2;
    public const int DuplicateCloseOnExec = 1030;
    public const int AddressPassive = 1;
    public const int AtWorkingDirectory = -100;
    public const int AtNoFollow = 0x100;
    public const uint StatusTypeAndInode = 0x101;

    private const string Library = "libc";

    [LibraryImport(Library, EntryPoint = "socket", SetLastError = true)]
    public static partial int Socket(int family, int type, int protocol);

    [LibraryImport(Library, EntryPoint = "bind", SetLastError = true)]
    public static partial int Bind(int descriptor, byte* address, uint length);

    [LibraryImport(Library, EntryPoint = "listen", SetLastError = true)]
    public static partial int Listen(int descriptor, int backlog);

    [LibraryImport(Library, EntryPoint = "accept4", SetLastError = true)]
    public static partial int Accept(int descriptor, byte* address, uint* length, int flags);

    [LibraryImport(Library, EntryPoint = "connect", SetLastError = true)]
    public static partial int Connect(int descriptor, byte* address, uint length);

    [LibraryImport(Library, EntryPoint = "getsockname", SetLastError = true)]
    public static partial int GetSocketName(int descriptor, byte* address, uint* length);

    [LibraryImport(Library, EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetSocketOption(int descriptor, int level, int option, void* value, uint length);

    [LibraryImport(Library, EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(int descriptor, byte* buffer, nuint length, int flags);

    [LibraryImport(Library, EntryPoint = "send", SetLastError = true)]
    public static partial nint Send(int descriptor, byte* buffer, nuint length, int flags);

    [LibraryImport(Library, EntryPoint = "sendmsg", SetLastError = true)]
    public static partial nint SendMessage(int descriptor, MessageHeader* message, int flags);

    [LibraryImport(Library, EntryPoint = "shutdown", SetLastError = true)]
    public static partial int Shutdown(int descriptor, int how);

    [LibraryImport(Library, EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    [LibraryImport(Library, EntryPoint = "fcntl", SetLastError = true)]
    public static partial int Control(int descriptor, int command, int argument);

    [LibraryImport(Library, EntryPoint = "getaddrinfo", SetLastError = true)]
    public static partial int GetAddressInfo(byte* host, byte* service, AddressInfo* hints, AddressInfo** result);

    [LibraryImport(Library, EntryPoint = "freeaddrinfo")]
    public static partial void FreeAddressInfo(AddressInfo* info);

    [LibraryImport(Library, EntryPoint = "gai_strerror")]
    public static partial byte* AddressInfoError(int code);

    [LibraryImport(Library, EntryPoint = "inet_ntop", SetLastError = true)]
    public static partial byte* PrintAddress(int family, byte* source, byte* target, uint size);

    [LibraryImport(Library, EntryPoint = "unlink", SetLastError = true)]
    public static partial int Unlink(byte* path);

    [LibraryImport(Library, EntryPoint = "chmod", SetLastError = true)]
    public static partial int ChangeMode(byte* path, uint mode);

    [LibraryImport(Library, EntryPoint = "chown", SetLastError = true)]
    public static partial int ChangeOwner(byte* path, uint owner, uint group);

    [LibraryImport(Library, EntryPoint = "getgrnam", SetLastError = true)]
    public static partial GroupEntry* FindGroup(byte* name);

    [LibraryImport(Library, EntryPoint = "statx", SetLastError = true)]
    public static partial int GetStatus(int folder, byte* path, int flags, uint mask, FileStatus* status);

    /// <summary>Sets an option whose value is an int; false leaves the reason in <see cref="Errno.Last"/>.</summary>
    public static bool TrySetOption(int descriptor, int level, int option, int value) =>
        SetSocketOption(descriptor, level, option, &value, sizeof(int)) == 0;
}

// InetAddress: a socket address of IPv4 or IPv6 by value, in the kernel's own bytes, so that it goes in and out of
// system calls as it is.
// Layout: [family: 2, native][port: 2, big-endian] then for IPv4 [address: 4], for IPv6 [flow: 4][address: 16][scope: 4].

using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Valkey.Transports.Shared;

namespace Valkey.Transports.Tcp;

internal readonly unsafe struct InetAddress : IEquatable<InetAddress>
{
    private const int BytesMax = 28;
    private const int Inet4Bytes = 16;
    private const int AddressTextMax = 64;

    private readonly Storage _bytes;

    /// <summary>Copies what a system call left; anything that is no IP address becomes family 0.</summary>
    public InetAddress(ReadOnlySpan<byte> socketAddress)
    {
        Storage bytes = default;
        socketAddress[..Math.Min(socketAddress.Length, BytesMax)].CopyTo(bytes);
        _bytes = bytes;
    }

    /// <summary>AF_INET or AF_INET6.</summary>
    public int Family => MemoryMarshal.Read<ushort>(Bytes);

    public int Port => BinaryPrimitives.ReadUInt16BigEndian(Bytes[2..]);

    /// <summary>The kernel's form of it.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> SocketAddress => Bytes[..(Family == Libc.FamilyInet ? Inet4Bytes : BytesMax)];

    /// <summary>127.0.0.0/8 or ::1.</summary>
    public bool IsLoopback => Family == Libc.FamilyInet
        ? Bytes[4] == 127
        : Family == Libc.FamilyInet6 && Bytes[8..23].IndexOfAnyExcept((byte)0) < 0 && Bytes[23] == 1;

    [UnscopedRef]
    private ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>The addresses that a name or number stands for, in the resolver's order. May wait for a name server.</summary>
    /// <param name="host">Null for all addresses of this machine (<paramref name="isPassive"/>).</param>
    /// <param name="port">Put into each of them.</param>
    /// <param name="family">One family, or 0 for both.</param>
    /// <param name="isPassive">To listen on rather than to connect to.</param>
    /// <param name="error">The resolver's words when there is none.</param>
    public static List<InetAddress> Resolve(string? host, int port, int family, bool isPassive, out string? error)
    {
        List<InetAddress> found = [];
        AddressInfo hints = default;
        hints.Family = family;
        hints.SocketType = Libc.SocketStream;
        hints.Flags = isPassive ? Libc.AddressPassive : 0;
        AddressInfo* first = null;
        byte[]? hostBytes = host is null ? null : Encoding.UTF8.GetBytes(host + "\0");
        fixed (byte* hostText = hostBytes, service = Encoding.ASCII.GetBytes(port.ToString(CultureInfo.InvariantCulture) + "\0"))
        {
            int code = Libc.GetAddressInfo(hostText, service, &hints, &first);
            error = code == 0 ? null : Marshal.PtrToStringUTF8((nint)Libc.AddressInfoError(code));
            if (code != 0) return found;
        }

        for (AddressInfo* info = first; info != null; info = info->Next)
        {
            if (info->Family is Libc.FamilyInet or Libc.FamilyInet6)
                found.Add(new InetAddress(new ReadOnlySpan<byte>(info->Address, (int)info->AddressLength)));
        }

        Libc.FreeAddressInfo(first);
        return found;
    }

    /// <summary>Our side of a socket; family 0 when the system does not say.</summary>
    public static InetAddress LocalOf(int descriptor)
    {
        byte* bytes = stackalloc byte[BytesMax];
        uint length = BytesMax;
        return Libc.GetSocketName(descriptor, bytes, &length) == 0
            ? new InetAddress(new ReadOnlySpan<byte>(bytes, (int)Math.Min(length, BytesMax)))
            : default;
    }

    public bool Equals(InetAddress other) => SocketAddress.SequenceEqual(other.SocketAddress);

    public override bool Equals(object? obj) => obj is InetAddress other && Equals(other);

    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(SocketAddress);
        return hash.ToHashCode();
    }

    /// <summary><c>ip:port</c> or <c>[ip6]:port</c>; <c>?:0</c> when it is none, as Valkey has it.</summary>
    public override string ToString()
    {
        int family = Family;
        if (family is not (Libc.FamilyInet or Libc.FamilyInet6)) return "?:0";
        byte* text = stackalloc byte[AddressTextMax];
        fixed (byte* address = Bytes)
        {
            if (Libc.PrintAddress(family, address + (family == Libc.FamilyInet ? 4 : 8), text, AddressTextMax) == null)
                return "?:0";
        }

        string ip = Marshal.PtrToStringUTF8((nint)text)!;
        string port = Port.ToString(CultureInfo.InvariantCulture);
        return family == Libc.FamilyInet ? $"{ip}:{port}" : $"[{ip}]:{port}";
    }

    [InlineArray(BytesMax)]
    private struct Storage
    {
        private byte _first;
    }
}

// The error numbers that socket code decides by (Linux, all architectures that .NET runs on), and their texts.

using System.Runtime.InteropServices;

namespace Valkey.Transports.Shared;

internal static class Errno
{
    public const int Interrupted = 4;
    public const int TryAgain = 11;
    public const int NoProtocolOption = 92;
    public const int ProtocolNotSupported = 93;
    public const int SocketTypeNotSupported = 94;
    public const int ProtocolFamilyNotSupported = 96;
    public const int AddressFamilyNotSupported = 97;
    public const int AddressInUse = 98;
    public const int AddressNotAvailable = 99;
    public const int ConnectionAborted = 103;
    public const int InProgress = 115;

    /// <summary>Of the last call into libc on this thread.</summary>
    public static int Last => Marshal.GetLastPInvokeError();

    /// <summary>The system's words for the last error.</summary>
    public static string LastText => Text(Last);

    public static string Text(int errno) => Marshal.GetPInvokeErrorMessage(errno);

    /// <summary>The machine lacks the whole protocol (no IPv6, say): a reason to go on without the address.</summary>
    public static bool IsUnsupported(int errno) => errno is NoProtocolOption or ProtocolNotSupported or SocketTypeNotSupported
        or ProtocolFamilyNotSupported or AddressFamilyNotSupported;
}

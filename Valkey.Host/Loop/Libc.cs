// The system calls of the loop. Blittable signatures only, so each stub is a direct call.

using System.Runtime.InteropServices;

namespace Valkey.Host.Loop;

internal static unsafe partial class Libc
{
    public const int EpollIn = 0x001;
    public const int EpollOut = 0x004;
    public const int EpollErr = 0x008;
    public const int EpollHup = 0x010;
    public const int EpollCtlAdd = 1;
    public const int EpollCtlDel = 2;
    public const int EpollCtlMod = 3;
    public const int EpollCloexec = 0x80000;
    public const int EfdNonblock = 0x800;
    public const int EfdCloexec = 0x80000;
    public const int EfdSemaphore = 1;
    public const int FutexWaitPrivate = 0 | 128;
    public const int FutexWakePrivate = 1 | 128;
    public const int Eintr = 4;

    private static readonly nint s_futexNumber = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 98 : 202;

    /// <summary>The kernel's packed struct epoll_event: 12 bytes on x64, 16 elsewhere.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    public struct EpollEvent
    {
        public uint Events;
        public int Descriptor;
        public int Unused;
    }

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EpollControl(int epoll, int operation, int descriptor, EpollEvent* @event);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int EpollWait(int epoll, EpollEvent* events, int maxEvents, int timeoutMs);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventDescriptor(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int descriptor, void* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int descriptor, void* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "usleep")]
    public static partial int SleepMicroseconds(uint microseconds);

    /// <summary>Lets whoever else is ready run on this processor; returns at once when nobody is.</summary>
    [LibraryImport("libc", EntryPoint = "sched_yield")]
    public static partial int YieldProcessor();

    /// <summary>futex(2) without a timeout: waits while the word has this value, or wakes so many who wait.</summary>
    public static nint Futex(int* word, int operation, int value) => SystemCall(s_futexNumber, word, operation, value, null);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, int* word, nint operation, nint value, void* timeout);

    /// <summary>The last error of this thread's last call, in words.</summary>
    public static string LastErrorText() => Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError());
}

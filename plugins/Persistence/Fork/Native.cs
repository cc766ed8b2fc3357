// The system calls around a fork, by function pointer: resolved once, nothing is left to be bound at the first call, which
// could be the child's.
//
// Most are called without the transition out of managed code. In a child that is the point: nobody else runs there, no
// collection can come, and a return that waits for one would wait for ever. In the parent they are short. What may
// wait in the parent, and the one call by which a child finds out whether it may return into managed code at all,
// make the transition and are named so.

using System.Runtime.InteropServices;
using System.Text;

namespace Valkey.Persistence.Fork;

internal static unsafe class Native
{
    public const int SigInt = 2, SigQuit = 3, SigIll = 4, SigAbort = 6, SigBus = 7, SigFpe = 8, SigKill = 9, SigUser1 = 10;
    public const int SigSegv = 11, SigTerm = 15, SigHangUp = 1, SigChild = 17, SigContinue = 18, SigStop = 20, SigSystem = 31;
    public const nint DefaultAction = 0;
    public const nint Ignore = 1;
    public const int BlockSignals = 0, SetSignalMask = 2;
    public const int SignalSetBytes = 128;

    public const int Interrupted = 4, TryAgain = 11, NoChild = 10, NoSystemCall = 38;
    public const int CurrentFolder = -100;
    public const uint FileMode = 0b110_100_100; // less the umask
    public const int OpenWriteOnly = 1, OpenCreate = 0x40, OpenTruncate = 0x200, OpenCloseOnExec = 0x80000;
    public const int WaitNoHang = 1;
    public const int PollIn = 1;
    public const int ProtectReadWrite = 1 | 2;
    public const int MapSharedAnonymous = 0x01 | 0x20;
    public const int PrctlParentDeathSignal = 1, PrctlSetName = 15;
    public const int ClockMonotonic = 1;
    public const nint CloseRangeNumber = 436;
    public const uint SyncRangeWrite = 2;
    public static readonly nint DirectoryEntriesNumber = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 61 : 217;

    private static readonly nint s_program = NativeLibrary.GetMainProgramHandle();

    public static readonly delegate* unmanaged[SuppressGCTransition]<int> Fork =
        (delegate* unmanaged[SuppressGCTransition]<int>)Find("fork");
    public static readonly delegate* unmanaged[SuppressGCTransition]<int, void> Exit =
        (delegate* unmanaged[SuppressGCTransition]<int, void>)Find("_exit");
    public static readonly delegate* unmanaged[SuppressGCTransition]<int*> ErrorLocation =
        (delegate* unmanaged[SuppressGCTransition]<int*>)Find("__errno_location");
    public static readonly delegate* unmanaged[SuppressGCTransition]<int> ThreadId =
        (delegate* unmanaged[SuppressGCTransition]<int>)Find("gettid");
    public static readonly delegate* unmanaged[SuppressGCTransition]<int> ParentProcessId =
        (delegate* unmanaged[SuppressGCTransition]<int>)Find("getppid");
    public static readonly delegate* unmanaged[SuppressGCTransition]<int, nint, nint> Signal =
        (delegate* unmanaged[SuppressGCTransition]<int, nint, nint>)Find("signal");
    public static readonly delegate* unmanaged[SuppressGCTransition]<int, void*, void*, int> SignalMask =
        (delegate* unmanaged[SuppressGCTransition]<int, void*, void*, int>)Find("pthread_sigmask");
    public static readonly delegate* unmanaged[SuppressGCTransition]<int, int, int> Kill =
        (delegate* unmanaged[SuppressGCTransition]<int, int, int>)Find("kill");
    public static readonly delegate* unmanaged[SuppressGCTransition]<int, byte*, int, uint, int> Open =
        (delegate* unmanaged[SuppressGCTransition]<int, byte*, int, uint, int>)Find("openat");
    public static readonly delegate* unmanaged[SuppressGCTransition]<int, void*, nuint, nint> Read =
        (delegate* unmanaged[SuppressGCTransition]<int, void*, nuint, nint>)Find("read");
    public static readonly delegate* unmanaged[SuppressGCTransition]<int, void*, nuint, nint> Write =
        (delegate* unmanaged[SuppressGCTransition]<int, void*, nuint, nint>)Find("write");
    public static readonly delegate* unmanaged[SuppressGCTransition]<int, int> Sync =
        (delegate* unmanaged[SuppressGCTransition]<int, int>)Find("fsync");
    public static readonly delegate* unmanaged[SuppressGCTransition]<int, long, long, uint, int> SyncRange =
        (delegate* unmanaged[SuppressGCTransition]<int, long, long, uint, int>)Find("sync_file_range");
    public static readonly delegate* unmanaged[SuppressGCTransition]<int, int> Close =
        (delegate* unmanaged[SuppressGCTransition]<int, int>)Find("close");
    public static readonly delegate* unmanaged[SuppressGCTransition]<int*, int, int> Pipe =
        (delegate* unmanaged[SuppressGCTransition]<int*, int, int>)Find("pipe2");
    public static readonly delegate* unmanaged[SuppressGCTransition]<int, nuint, nuint, nuint, nuint, int> Prctl =
        (delegate* unmanaged[SuppressGCTransition]<int, nuint, nuint, nuint, nuint, int>)Find("prctl");
    public static readonly delegate* unmanaged[SuppressGCTransition]<int, nuint, void*, int> SetAffinity =
        (delegate* unmanaged[SuppressGCTransition]<int, nuint, void*, int>)Find("sched_setaffinity");
    public static readonly delegate* unmanaged[SuppressGCTransition]<int, long*, int> ClockTime =
        (delegate* unmanaged[SuppressGCTransition]<int, long*, int>)Find("clock_gettime");
    public static readonly delegate* unmanaged[SuppressGCTransition]<nint, nint, nint, nint, nint> SystemCall =
        (delegate* unmanaged[SuppressGCTransition]<nint, nint, nint, nint, nint>)Find("syscall");
    public static readonly delegate* unmanaged[SuppressGCTransition]<void*, nuint, int, int, int, nint, nint> Map =
        (delegate* unmanaged[SuppressGCTransition]<void*, nuint, int, int, int, nint, nint>)Find("mmap");
    public static readonly delegate* unmanaged[SuppressGCTransition]<void*, nuint, int> Unmap =
        (delegate* unmanaged[SuppressGCTransition]<void*, nuint, int>)Find("munmap");

    /// <summary>Its return waits for whoever wants managed code to stand still.</summary>
    public static readonly delegate* unmanaged<int> ProcessIdWithTransition = (delegate* unmanaged<int>)Find("getpid");

    public static readonly delegate* unmanaged<int, int*, int, int> WaitForProcessWithTransition =
        (delegate* unmanaged<int, int*, int, int>)Find("waitpid");
    public static readonly delegate* unmanaged<PollDescriptor*, nuint, int, int> PollWithTransition =
        (delegate* unmanaged<PollDescriptor*, nuint, int, int>)Find("poll");

    /// <summary>The number of the error of this thread's last call.</summary>
    public static int ErrorNumber => *ErrorLocation();

    /// <summary>An error number in words.</summary>
    public static string TextOf(int errorNumber) => Marshal.GetPInvokeErrorMessage(errorNumber);

    /// <summary>Microseconds of a clock that never goes back. Also in a child.</summary>
    public static long NowUs()
    {
        long* time = stackalloc long[2];
        _ = ClockTime(ClockMonotonic, time);
        return (time[0] * 1_000_000) + (time[1] / 1000);
    }

    /// <summary>Creates or empties a file; the descriptor, or the negated error number.</summary>
    public static int OpenForWriting(string path)
    {
        fixed (byte* bytes = Encoding.UTF8.GetBytes(path + '\0'))
        {
            int descriptor = Open(CurrentFolder, bytes, OpenWriteOnly | OpenCreate | OpenTruncate | OpenCloseOnExec, FileMode);
            return descriptor < 0 ? -ErrorNumber : descriptor;
        }
    }

    private static nint Find(string name) => NativeLibrary.GetExport(s_program, name);

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}

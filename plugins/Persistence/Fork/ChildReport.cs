// What a child tells: one page of memory that it shares with the parent. The child stores, the parent reads whenever it wants
// to know; nothing has to be sent or received, and what was written survives the child's death.
// Holds always: the outcome is stored last, so whoever sees it sees the rest.

using System.Runtime.InteropServices;

namespace Valkey.Persistence.Fork;

/// <summary>How far a child came.</summary>
internal enum ChildOutcome
{
    /// <summary>Not at its end: it works, or died on the way.</summary>
    None,

    /// <summary>The snapshot is complete and synced.</summary>
    Complete,

    /// <summary>A system call failed; the error number says why.</summary>
    SystemError,

    /// <summary>A type or the format threw an exception.</summary>
    Exception,
}

/// <summary>The shared page's content.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ChildReport
{
    private const int PageBytes = 4096;

    public long KeysWritten;
    public long BytesWritten;
    public long CopyOnWriteBytes;
    public long CopyOnWritePeakBytes;
    public long CompiledMethods; // should be 0: what a child compiles was not rehearsed
    public int ErrorNumber;
    public int Outcome;

    /// <summary>A page of zeros, shared with all children to come.</summary>
    /// <exception cref="InvalidOperationException">There is no memory.</exception>
    public static ChildReport* Create()
    {
        nint page = Native.Map(null, PageBytes, Native.ProtectReadWrite, Native.MapSharedAnonymous, -1, 0);
        if (page != -1) return (ChildReport*)page;
        throw new InvalidOperationException($"no memory to share with children: {Native.TextOf(Native.ErrorNumber)}");
    }

    public static void Free(ChildReport* report) => _ = Native.Unmap(report, PageBytes);
}

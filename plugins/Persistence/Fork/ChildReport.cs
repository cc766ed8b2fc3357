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
internal struct ChildReport
{
    public const int PageBytes = 4096;

    public long KeysWritten;
    public long BytesWritten;
    public long CopyOnWriteBytes;
    public long CopyOnWritePeakBytes;
    public int ErrorNumber;
    public int Outcome;
}

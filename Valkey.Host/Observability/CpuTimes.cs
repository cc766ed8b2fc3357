// Processor time, as the kernel counts it (getrusage(2)).

using System.Globalization;
using System.Runtime.InteropServices;

namespace Valkey.Host.Observability;

/// <summary>Time in the kernel and outside of it: seconds with six decimals.</summary>
internal readonly unsafe partial record struct CpuTimes(string System, string User)
{
    public const int Process = 0;
    public const int Children = -1;
    public const int Thread = 1;

    private const int UsageWords = 18; // struct rusage: two times of two words each, then fourteen counters

    /// <summary>The times of this process, its children that have ended, or the calling thread.</summary>
    public static CpuTimes Read(int whose)
    {
        long* usage = stackalloc long[UsageWords];
        if (GetResourceUsage(whose, usage) != 0) return new CpuTimes("0.000000", "0.000000");
        return new CpuTimes(Text(usage[2], usage[3]), Text(usage[0], usage[1]));
    }

    private static string Text(long seconds, long microseconds) =>
        string.Create(CultureInfo.InvariantCulture, $"{seconds}.{microseconds:D6}");

    [LibraryImport("libc", EntryPoint = "getrusage")]
    private static partial int GetResourceUsage(int who, long* usage);
}

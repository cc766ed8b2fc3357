// What a child is doing, as the kernel tells in /proc. A child has one thread: when that one waits for a lock (futex), nobody
// is there to release it, and it will wait for ever. Waiting for a disk looks different, and may take as long as it takes.

using System.Globalization;
using System.Runtime.InteropServices;

namespace Valkey.Persistence.Fork;

internal static class ProcessState
{
    public const char Running = 'R', WaitingForDisk = 'D', Stopped = 'T', Dead = 'Z';

    private static readonly string s_futexNumber =
        RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "98 " : "202 ";

    /// <summary>Whether its only thread waits for a lock. False when the kernel does not say.</summary>
    public static bool IsWaitingForLock(int processId) =>
        Read(processId, "syscall") is { } text && text.StartsWith(s_futexNumber, StringComparison.Ordinal);

    /// <summary>Its state as one letter: R runs, S waits, D waits for a disk, T is stopped, Z is dead; 0 when unknown.</summary>
    public static char StateOf(int processId)
    {
        string? text = Read(processId, "stat");
        int end = text?.LastIndexOf(')') ?? -1;
        return end >= 0 && end + 2 < text!.Length ? text[end + 2] : '\0';
    }

    private static string? Read(int processId, string file)
    {
        try
        {
            return File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/{file}"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

// DEBUG about endings: every way in which a process can die, on demand, so that reports and restarts can be tried.
// A crash is an exception that nobody catches, on a thread of its own because those of commands are caught; it takes the
// same way as a real one, through the crash report.

using System.Globalization;
using System.Runtime.CompilerServices;
using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Host.Debugging;

internal static class CrashTools
{
    public static void AddTo(DebugTools tools, Server server)
    {
        tools.Add(new DebugTool("SEGFAULT", 0, 0, _ => Crash(WriteToAddressZero),
            "SEGFAULT", "    Crash by writing to an address where there is nothing."));
        tools.Add(new DebugTool("PANIC", 0, 0, _ => Panic(server),
            "PANIC", "    Crash as when the server finds itself in an impossible state."));
        tools.Add(new DebugTool("ASSERT", 0, 0, _ => FailAssertion(server),
            "ASSERT", "    Crash as when an assertion fails."));
        tools.Add(new DebugTool("OOM", 0, 0, _ => Crash(AllocateTooMuch),
            "OOM", "    Crash as when the system has no more memory."));
    }

    private static void Panic(Server server)
    {
        string message = string.Create(CultureInfo.InvariantCulture, $"DEBUG PANIC called at Unix time {server.Clock.UnixSeconds}");
        server.Log.Write(LogLevel.Warning, "!!! Software Failure. Press left mouse button to continue");
        server.Log.Write(LogLevel.Warning, $"Guru Meditation: {message}");
        if (server.Options.UseExitOnPanic.Value) Environment.Exit(1);
        Crash(() => throw new InvalidOperationException(message));
    }

    private static void FailAssertion(Server server)
    {
        server.Log.Write(LogLevel.Warning, "=== ASSERTION FAILED ===");
        server.Log.Write(LogLevel.Warning, "==> DEBUG ASSERT: '1 == 2' is not true");
        Crash(() => throw new InvalidOperationException("assertion failed: '1 == 2' is not true"));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static unsafe void WriteToAddressZero() => Unsafe.Write((void*)0, 1);

    private static void AllocateTooMuch() => NativeHeap.Allocate(nuint.MaxValue / 2);

    private static void Crash(ThreadStart end)
    {
        Thread thread = new(end) { Name = "debug_crash" };
        thread.Start();
        thread.Join();
    }
}

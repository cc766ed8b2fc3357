// The runtime reads some settings from the environment only, and the allocator has to be loaded before anything else. The
// launcher sets both; a host that was started without it executes itself once more, with the same arguments and process id.
//
// DOTNET_EnableWriteXorExecute=0: else executable memory is a shared mapping, and a forked child's JIT writes into the parent's.
// DOTNET_gcConcurrent=0: no collector thread that a fork could catch in the middle.
// LD_PRELOAD=libjemalloc: it cannot be loaded later for want of static TLS.
// Holds always: it happens at most once, because the marker is set with it.

using System.Collections;
using System.Text;

namespace Valkey.Host.Process;

internal static unsafe class SelfExec
{
    private const string Marker = "VALKEY_EXECED";

    private static readonly string[] s_allocatorFolders = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/local/lib"];

    /// <summary>Executes the process again when its environment is not the one that it needs. Returns when it is, or when that failed.</summary>
    public static void RunIfNeeded(IReadOnlyList<string> arguments)
    {
        ProcessArguments.Capture();
        Dictionary<string, string> environment = ReadEnvironment();
        if (!Plan(environment, arguments, FindAllocator)) return;

        List<byte[]> entries = [];
        foreach ((string name, string value) in environment) entries.Add(Encoding.UTF8.GetBytes($"{name}={value}"));
        string? program = File.ResolveLinkTarget("/proc/self/exe", returnFinalTarget: false)?.FullName;
        if (program is null) return;
        using NativeStrings argumentStrings = new(ProcessArguments.All);
        using NativeStrings environmentStrings = new(entries);
        _ = Libc.Execute(program, argumentStrings.Pointer, environmentStrings.Pointer);
        // Only reached when it failed; the server runs as it is, and what needs the settings says so.
    }

    /// <summary>Changes the environment into the one that is needed. False when it is that already.</summary>
    internal static bool Plan(
        Dictionary<string, string> environment, IReadOnlyList<string> arguments, Func<string?> findAllocator)
    {
        if (environment.ContainsKey(Marker)) return false;

        bool isChanged = Require(environment, "DOTNET_EnableWriteXorExecute", "0");
        isChanged |= Require(environment, "DOTNET_gcConcurrent", "0");
        environment.TryGetValue("LD_PRELOAD", out string? preloaded);
        if (WantsJemalloc(environment, arguments) && preloaded?.Contains("jemalloc", StringComparison.Ordinal) != true
            && findAllocator() is { } library)
        {
            environment["LD_PRELOAD"] = string.IsNullOrEmpty(preloaded) ? library : $"{library}:{preloaded}";
            isChanged = true;
        }

        if (isChanged) environment[Marker] = "1";
        return isChanged;
    }

    /// <summary>Whether the allocator was preloaded: what <c>INFO memory</c> says.</summary>
    public static string AllocatorName() =>
        Environment.GetEnvironmentVariable("LD_PRELOAD")?.Contains("jemalloc", StringComparison.Ordinal) == true ? "jemalloc" : "libc";

    private static bool WantsJemalloc(Dictionary<string, string> environment, IReadOnlyList<string> arguments)
    {
        if (environment.TryGetValue("MALLOC", out string? chosen) && chosen == "libc") return false;
        for (int i = 0; i < arguments.Count; i++)
        {
            if (arguments[i] == "--allocator libc") return false;
            if (arguments[i] == "--allocator" && i + 1 < arguments.Count) return arguments[i + 1] != "libc";
        }

        return true;
    }

    private static bool Require(Dictionary<string, string> environment, string name, string value)
    {
        if (environment.TryGetValue(name, out string? present) && present == value) return false;
        environment[name] = value;
        return true;
    }

    private static string? FindAllocator()
    {
        foreach (string folder in s_allocatorFolders)
        {
            string path = folder + "/libjemalloc.so.2";
            if (File.Exists(path)) return path;
        }

        return null;
    }

    private static Dictionary<string, string> ReadEnvironment()
    {
        Dictionary<string, string> environment = [];
        foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables())
            environment[(string)entry.Key] = (string?)entry.Value ?? "";
        return environment;
    }
}

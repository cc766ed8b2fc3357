// The process's own command line as the kernel has it: argv[0] as it was given, which .NET does not keep.
// Holds always: captured once, before the title is written over it and before `dir` changes the folder.

using System.Text;

namespace Valkey.Host.Process;

internal static class ProcessArguments
{
    /// <summary>All arguments, the program's name first.</summary>
    public static IReadOnlyList<byte[]> All { get; } = Read();

    /// <summary>The folder that the process was started in.</summary>
    public static string StartDirectory { get; } = Directory.GetCurrentDirectory();

    /// <summary>Captures both now. Called first thing in Main.</summary>
    public static void Capture() => _ = All.Count + StartDirectory.Length;

    /// <summary>The program as it was called.</summary>
    public static string Program => All.Count == 0 ? "valkey-server" : Encoding.UTF8.GetString(All[0]);

    private static List<byte[]> Read()
    {
        List<byte[]> arguments = [];
        byte[] line = File.ReadAllBytes("/proc/self/cmdline");
        int start = 0;
        for (int i = 0; i < line.Length; i++)
        {
            if (line[i] != 0) continue;
            arguments.Add(line[start..i]);
            start = i + 1;
        }

        return arguments;
    }
}

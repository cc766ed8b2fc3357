// daemonize yes: the server goes to the background. Valkey forks; a process with .NET's threads cannot, so we start ourselves
// once more, in a session of its own and with /dev/null for the three standard descriptors, and the first process leaves with 0.
// A configuration that came through standard input is handed on in an anonymous file.

using System.Text;

namespace Valkey.Host.Process;

internal static unsafe class Daemon
{
    private const string Marker = "VALKEY_DAEMONIZED";
    private const short SpawnSetSession = 0x80;
    private const int StandardInput = 0, StandardOutput = 1, StandardError = 2;
    private const int SpawnStructSizeMax = 1024; // glibc and musl need 336 at most

    /// <summary>This process is the one in the background.</summary>
    public static bool IsDetached => Environment.GetEnvironmentVariable(Marker) is not null;

    /// <summary>Starts the server in the background. Null when it runs there and this process is to exit with 0, else what failed.</summary>
    /// <param name="standardInput">What was read from standard input, when the configuration came from there.</param>
    public static string? Start(byte[]? standardInput)
    {
        int nothing = Libc.Open("/dev/null", Libc.OpenReadWrite | Libc.OpenCloseOnExec, 0);
        if (nothing < 0) return "can't open /dev/null: " + Libc.LastErrorText();
        int input = standardInput is null ? nothing : ToMemoryFile(standardInput);
        if (input < 0) return "can't hand on the configuration: " + Libc.LastErrorText();

        byte* actions = stackalloc byte[SpawnStructSizeMax];
        byte* attributes = stackalloc byte[SpawnStructSizeMax];
        _ = Libc.SpawnActionsInit(actions);
        _ = Libc.SpawnActionsAddDup2(actions, input, StandardInput);
        _ = Libc.SpawnActionsAddDup2(actions, nothing, StandardOutput);
        _ = Libc.SpawnActionsAddDup2(actions, nothing, StandardError);
        _ = Libc.SpawnAttributesInit(attributes);
        _ = Libc.SpawnAttributesSetFlags(attributes, SpawnSetSession);

        _ = Libc.ChangeDirectory(ProcessArguments.StartDirectory); // a configuration file's name may be relative to it
        using NativeStrings arguments = new(ProcessArguments.All);
        using NativeStrings environment = new(Environment());
        string program = File.ResolveLinkTarget("/proc/self/exe", returnFinalTarget: false)?.FullName ?? "/proc/self/exe";
        int processId;
        int error = Libc.Spawn(&processId, program, actions, attributes, arguments.Pointer, environment.Pointer);
        return error == 0 ? null : System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(error);

        static List<byte[]> Environment()
        {
            List<byte[]> entries = [Encoding.UTF8.GetBytes(Marker + "=1")];
            foreach (System.Collections.DictionaryEntry entry in System.Environment.GetEnvironmentVariables())
                entries.Add(Encoding.UTF8.GetBytes($"{entry.Key}={entry.Value}"));
            return entries;
        }
    }

    private static int ToMemoryFile(byte[] bytes)
    {
        const uint CloseOnExec = 1;
        int descriptor = Libc.CreateMemoryFile("valkey-configuration", CloseOnExec);
        if (descriptor < 0) return descriptor;
        if (!Libc.WriteAll(descriptor, bytes) || Libc.Seek(descriptor, 0, 0) != 0) return -1;
        return descriptor;
    }
}

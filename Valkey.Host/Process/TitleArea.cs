// Where a process writes what is shown as its command line: over its arguments, and on into its environment when it needs more.
//
// The kernel shows the bytes of the arguments. When the last of them is not zero it goes on into the environment behind them, up
// to the first zero, because programs have always written their titles so. Who still wants to read the environment gets its
// strings from a copy first, made when the room is first needed.
// Holds always: nothing outside of the two areas is written, their last byte stays zero, and the environment is written over
// only where it follows the arguments and none of its variables is read from there any more.
// Source: proc_pid_cmdline(5), proc_pid_stat(5).

using System.Globalization;
using System.Runtime.InteropServices;

namespace Valkey.Host.Process;

/// <summary>The bytes behind a process's command line.</summary>
internal static unsafe class TitleArea
{
    private const int ArgumentStartField = 48, ArgumentEndField = 49; // of proc_pid_stat(5), counted from 1
    private const int EnvironmentStartField = 50, EnvironmentEndField = 51;
    private const int FirstFieldAfterName = 3;
    private const int ShownMax = 4096; // a page: the kernel shows no more of a title

    private static byte* s_start;
    private static int s_argumentBytes;
    private static int s_environmentBytes; // 0 while, or because, it must not be written over
    private static bool s_isKnown;

    /// <summary>Shows these bytes; what there is no room for is cut off. Does nothing where the system does not tell the place.</summary>
    public static void Write(ReadOnlySpan<byte> title)
    {
        Find();
        if (s_start == null) return;
        if (title.Length >= s_argumentBytes && s_environmentBytes == 0) s_environmentBytes = TakeEnvironment(s_start + s_argumentBytes);

        Span<byte> area = new(s_start, s_argumentBytes + s_environmentBytes);
        area.Clear();
        title[..Math.Min(title.Length, Math.Min(area.Length, ShownMax) - 1)].CopyTo(area);
    }

    private static void Find()
    {
        if (s_isKnown) return;
        s_isKnown = true;
        (ulong start, ulong end) = (ReadField(ArgumentStartField), ReadField(ArgumentEndField));
        if (start == 0 || end <= start + 1 || end - start > int.MaxValue) return; // zero: not ours to see
        s_start = (byte*)start;
        s_argumentBytes = (int)(end - start);
    }

    /// <summary>Moves the variables out of the environment's area, which must begin here; how many bytes may be written now.</summary>
    private static int TakeEnvironment(byte* expectedStart)
    {
        byte* start = (byte*)ReadField(EnvironmentStartField);
        byte* end = (byte*)ReadField(EnvironmentEndField);
        if (start != expectedStart || end <= start || end - start > int.MaxValue) return 0;
        if (!NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "environ", out nint environment)) return 0;

        for (byte** variable = *(byte***)environment; variable != null && *variable != null; variable++)
        {
            if (*variable < start || *variable >= end) continue;
            ReadOnlySpan<byte> text = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(*variable);
            byte* copy = (byte*)NativeMemory.AllocZeroed((nuint)text.Length + 1); // for the life of the process
            text.CopyTo(new Span<byte>(copy, text.Length));
            *variable = copy;
        }

        return (int)(end - start);
    }

    private static ulong ReadField(int number)
    {
        string stat = File.ReadAllText("/proc/self/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' '); // the name in brackets may hold blanks
        int index = number - FirstFieldAfterName;
        return index < fields.Length && ulong.TryParse(fields[index], CultureInfo.InvariantCulture, out ulong value) ? value : 0;
    }
}

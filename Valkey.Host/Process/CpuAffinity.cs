// server-cpulist and bio-cpulist: which CPUs the calling thread may use. "0,2,4", "1-3", "0-7:2", as taskset(1) takes them.

using System.Globalization;

namespace Valkey.Host.Process;

internal static unsafe class CpuAffinity
{
    /// <summary>CPUs that a mask has a bit for.</summary>
    public const int CpuCountMax = 1024;

    /// <summary>Binds the calling thread. An empty list leaves it alone. False when the list is malformed or was refused.</summary>
    public static bool Apply(string cpuList)
    {
        if (cpuList.Length == 0) return true;
        byte* mask = stackalloc byte[CpuCountMax / 8];
        Span<byte> bits = new(mask, CpuCountMax / 8);
        bits.Clear();
        return TryParse(cpuList, bits) && Libc.SetAffinity(0, CpuCountMax / 8, mask) == 0;
    }

    /// <summary>Reads a list into one bit per CPU.</summary>
    internal static bool TryParse(ReadOnlySpan<char> cpuList, Span<byte> mask)
    {
        foreach (Range range in cpuList.Split(','))
        {
            if (!TryParseRange(cpuList[range].Trim(), out int first, out int last, out int step)) return false;
            for (int cpu = first; cpu <= last; cpu += step) mask[cpu / 8] |= (byte)(1 << (cpu % 8));
        }

        return true;
    }

    private static bool TryParseRange(ReadOnlySpan<char> text, out int first, out int last, out int step)
    {
        first = last = 0;
        step = 1;
        int colon = text.IndexOf(':');
        if (colon >= 0)
        {
            if (!TryNumber(text[(colon + 1)..], out step) || step == 0) return false;
            text = text[..colon];
        }

        int dash = text.IndexOf('-');
        if (dash < 0) return TryNumber(text, out first) && (last = first) >= 0;
        return TryNumber(text[..dash], out first) && TryNumber(text[(dash + 1)..], out last) && first <= last;
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < CpuCountMax;
}

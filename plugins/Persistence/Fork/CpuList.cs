// bgsave-cpulist: which CPUs a child may use. "0,2,4", "1-3", "0-7:2", as taskset(1) takes them.

using System.Globalization;

namespace Valkey.Persistence.Fork;

internal static class CpuList
{
    public const int MaskBytes = 128;
    private const int CpuCount = MaskBytes * 8;

    /// <summary>Sets one bit per CPU; false when the list is malformed or empty.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, Span<byte> mask)
    {
        if (text.IsEmpty) return false;
        foreach (Range part in text.Split(','))
        {
            if (!TryParsePart(text[part].Trim(), mask)) return false;
        }

        return true;
    }

    private static bool TryParsePart(ReadOnlySpan<char> text, Span<byte> mask)
    {
        int step = 1;
        int colon = text.IndexOf(':');
        if (colon >= 0)
        {
            if (!TryNumber(text[(colon + 1)..], out step) || step == 0) return false;
            text = text[..colon];
        }

        int dash = text.IndexOf('-');
        if (!TryNumber(dash < 0 ? text : text[..dash], out int first)) return false;
        int last = first;
        if (dash >= 0 && (!TryNumber(text[(dash + 1)..], out last) || last < first)) return false;
        for (int cpu = first; cpu <= last; cpu += step) mask[cpu / 8] |= (byte)(1 << (cpu % 8));
        return true;
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < CpuCount;
}

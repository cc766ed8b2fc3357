// LOLWUT's pictures: one-dimensional cellular automata (Wolfram, 1983), a line of cells per row, drawn two rows to a line.
// The version chooses among families of rules; the first row is random, so no picture comes twice.

using System.Text;
using Valkey.Host.Configuration;

namespace Valkey.Host.ServerCommands;

internal static class LolwutPicture
{
    public const long VersionDefault = 9;
    public const long WidthDefault = 64;
    public const long HeightDefault = 16;
    private const long WidthMax = 200;
    private const long HeightMax = 100;
    private static readonly byte[][] s_families = [[30, 45, 106], [90, 60, 150], [110, 54, 137], [73, 105, 22]];

    /// <summary>The picture, and the version below it.</summary>
    public static string Draw(long version, long width, long height, Random random)
    {
        byte[] family = s_families[(int)(ulong.CreateTruncating(version) % (ulong)s_families.Length)];
        byte rule = family[random.Next(family.Length)];
        bool[] cells = new bool[Math.Clamp(width, 8, WidthMax)];
        bool isSparse = random.Next(2) == 0;
        for (int i = 0; i < cells.Length; i++) cells[i] = random.Next(isSparse ? 16 : 2) == 0;

        StringBuilder picture = new();
        for (long line = Math.Clamp(height, 2, HeightMax); line > 0; line--)
        {
            bool[] below = Next(cells, rule);
            for (int i = 0; i < cells.Length; i++)
                picture.Append((cells[i], below[i]) switch { (true, true) => '█', (true, false) => '▀', (false, true) => '▄', _ => ' ' });
            picture.Append('\n');
            cells = Next(below, rule);
        }

        return picture.Append($"\nRule {rule}. Valkey ver. {ServerVersion.Valkey}\n").ToString();
    }

    /// <summary>The next generation; the row is closed to a ring.</summary>
    private static bool[] Next(bool[] cells, byte rule)
    {
        bool[] next = new bool[cells.Length];
        for (int i = 0; i < cells.Length; i++)
        {
            int left = cells[(i + cells.Length - 1) % cells.Length] ? 4 : 0;
            int right = cells[(i + 1) % cells.Length] ? 1 : 0;
            next[i] = (rule >> (left + (cells[i] ? 2 : 0) + right) & 1) != 0;
        }

        return next;
    }
}

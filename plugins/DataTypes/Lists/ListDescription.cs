// Lists as people who look into memory want to see them: DEBUG OBJECT, DEBUG LISTPACK, DEBUG QUICKLIST.

using System.Globalization;
using System.Text;
using Valkey.Structures;

namespace Valkey.Lists;

internal static class ListDescription
{
    private const int ElementBytesShown = 40;

    /// <summary>The facts that DEBUG OBJECT adds.</summary>
    public static string Facts(Quicklist list, bool fast)
    {
        StringBuilder text = new();
        text.Append(
            CultureInfo.InvariantCulture,
            $" ql_nodes:{list.NodeCount} ql_avg_node:{(double)list.Count / list.NodeCount:0.00} ql_listpack_max:{list.Fill.Value}");
        text.Append(CultureInfo.InvariantCulture, $" ql_compressed:{(list.CompressDepth != 0 ? 1 : 0)}");
        if (fast) return text.ToString();

        long bytes = 0;
        for (int i = 0; i < list.NodeCount; i++) bytes += list.FactsOf(i).SizeBytes;
        return text.Append(CultureInfo.InvariantCulture, $" ql_uncompressed_size:{bytes}").ToString();
    }

    /// <summary>A listpack, element by element.</summary>
    public static string Structure(Listpack listpack)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"{{total bytes {listpack.TotalBytes}}} {{num entries {listpack.Count}}}\n");
        int index = 0;
        for (int position = listpack.First; position >= 0; position = listpack.Next(position))
        {
            ListpackElement element = listpack.At(position);
            text.Append(CultureInfo.InvariantCulture, $"{{index: {index++}, offset: {position}, ");
            if (element.IsInteger) text.Append(CultureInfo.InvariantCulture, $"integer: {element.Integer}}}\n");
            else text.Append(CultureInfo.InvariantCulture, $"length: {element.TextLength}, string: {Shown(element.Bytes)}}}\n");
        }

        return text.Append("{end}\n").ToString();
    }

    /// <summary>A quicklist, node by node; with its elements on request.</summary>
    public static string Structure(Quicklist list, bool full)
    {
        StringBuilder text = new();
        text.Append(
            CultureInfo.InvariantCulture,
            $"{{count: {list.Count}, nodes: {list.NodeCount}, fill: {list.Fill.Value}, compress: {list.CompressDepth}}}\n");
        for (int i = 0; i < list.NodeCount; i++)
        {
            QuicklistNodeFacts node = list.FactsOf(i);
            text.Append(
                CultureInfo.InvariantCulture,
                $"{{node {i}: {(node.IsPlain ? "plain" : "packed")}, size: {node.SizeBytes}, stored: {node.StoredBytes}, "
                + $"count: {node.Count}}}\n");
        }

        if (!full) return text.ToString();

        byte[] scratch = new byte[IntegerText.LengthMax];
        QuicklistCursor cursor = list.CursorAt(0, reversed: false);
        while (cursor.MoveNext()) text.Append(CultureInfo.InvariantCulture, $"{{{Shown(cursor.Current.Text(scratch))}}}\n");
        cursor.Dispose();
        return text.ToString();
    }

    private static string Shown(ReadOnlySpan<byte> bytes) => bytes.Length <= ElementBytesShown
        ? Encoding.Latin1.GetString(bytes)
        : Encoding.Latin1.GetString(bytes[..ElementBytesShown]) + "...";
}

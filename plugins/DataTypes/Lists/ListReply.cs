// Elements of a list as replies.

using System.Runtime.CompilerServices;
using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Lists;

internal static class ListReply
{
    /// <summary>One element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Element(ReplyWriter reply, in ListpackElement element)
    {
        if (element.IsInteger) reply.BulkInteger(element.Integer);
        else reply.Bulk(element.Bytes);
    }

    /// <summary>The first or the last element of a list that has one.</summary>
    /// <remarks>Each case replies by itself: an element that is handed on is copied, and that costs more than all the rest.</remarks>
    public static void End(ReplyWriter reply, ListValue list, bool first)
    {
        if (!list.HasNodes)
        {
            Listpack listpack = list.Listpack;
            ListpackElement only = listpack.At(first ? listpack.First : listpack.Last);
            Element(reply, in only);
        }
        else if (first)
        {
            ListpackElement head = list.Quicklist.First;
            Element(reply, in head);
        }
        else
        {
            ListpackElement tail = list.Quicklist.Last;
            Element(reply, in tail);
        }
    }

    /// <summary>An array of elements: so many, which the list has, from an index on.</summary>
    public static void Range(ReplyWriter reply, ListValue list, long start, long count, bool reversed)
    {
        reply.ArrayHeader(count);
        if (count == 0) return;
        if (!list.HasNodes)
        {
            Range(reply, list.Listpack, start, count, reversed);
            return;
        }

        QuicklistCursor cursor = list.Quicklist.CursorAt(start, reversed);
        for (long left = count; left > 0 && cursor.MoveNext(); left--) Element(reply, cursor.Current);
        cursor.Dispose();
    }

    private static void Range(ReplyWriter reply, Listpack listpack, long start, long count, bool reversed)
    {
        int position = listpack.Seek(start);
        for (; count > 0; count--)
        {
            Element(reply, listpack.At(position));
            position = reversed ? listpack.Previous(position) : listpack.Next(position);
        }
    }
}

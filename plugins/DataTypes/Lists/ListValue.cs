// A list as it lies in its entry: one listpack while it is small, else a quicklist.
//
// A list turns into a quicklist before it takes what would make its listpack exceed list-max-listpack-size, and back when it
// has shrunk to one node of half that: so a list at the limit does not go to and fro.
// Holds always: the entry's payload is the address of what the encoding says; every change leaves it right.

using System.Diagnostics;
using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Lists;

/// <summary>The encodings of the list type, as the entry holds them.</summary>
internal static class ListEncoding
{
    public const byte Listpack = 0;
    public const byte Quicklist = 1;
}

/// <summary>A view of a list behind a key. Valid while the entry is.</summary>
internal readonly struct ListValue
{
    private readonly Entry _entry;

    public ListValue(KeyEntry handle)
    {
        _entry = new Entry(handle.Address);
        Debug.Assert(_entry.TypeId == ListType.Descriptor.Id);
    }

    /// <summary>Number of elements.</summary>
    public long Length => IsQuicklist ? Quicklist.Count : Listpack.Count;

    /// <summary>The first element of a list that has one; valid until the list changes.</summary>
    public ListpackElement First => IsQuicklist ? Quicklist.First : Listpack.At(Listpack.First);

    /// <summary>The last element of a list that has one; valid until the list changes.</summary>
    public ListpackElement Last => IsQuicklist ? Quicklist.Last : Listpack.At(Listpack.Last);

    /// <summary>Whether the list is a quicklist, and not one listpack.</summary>
    public bool IsQuicklist => _entry.Encoding == ListEncoding.Quicklist;

    /// <summary>The listpack that the list is.</summary>
    public Listpack Listpack
    {
        get
        {
            Debug.Assert(!IsQuicklist);
            return new Listpack((nint)_entry.Payload);
        }
    }

    /// <summary>The quicklist that the list is.</summary>
    public Quicklist Quicklist
    {
        get
        {
            Debug.Assert(IsQuicklist);
            return new Quicklist((nint)_entry.Payload);
        }
    }

    /// <summary>Adds an empty list under a key that does not exist. It must not stay empty.</summary>
    public static ListValue Create(CommandContext ctx, ReadOnlySpan<byte> key)
    {
        Entry entry = Entry.CreateWithPayload(key, ListType.Descriptor.Id, ListEncoding.Listpack, Listpack.Create().Address);
        return new ListValue(ctx.AddEntry(new KeyEntry(entry.Address)));
    }

    /// <summary>Makes ready for elements to come: turns into a quicklist when a listpack would grow too large.</summary>
    /// <param name="addedBytes">The sum of their lengths.</param>
    /// <param name="addedCount">How many.</param>
    public void GrowFor(long addedBytes, int addedCount)
    {
        if (IsQuicklist) return;

        Listpack listpack = Listpack;
        ListFill fill = ListOptions.Fill;
        if (!fill.IsExceeded(listpack.TotalBytes + addedBytes, listpack.Count + addedCount)) return;

        Quicklist quicklist = Quicklist.Create(fill, ListOptions.CompressDepth);
        quicklist.AddPacked(listpack);
        Store(quicklist);
    }

    /// <summary>Turns back into a listpack when little is left.</summary>
    public void Shrink()
    {
        if (!IsQuicklist || !Quicklist.TryBecomeListpack(ListOptions.Fill, divisor: 2, out Listpack listpack)) return;

        _entry.Encoding = ListEncoding.Listpack;
        Store(listpack);
    }

    /// <summary>Adds an element at one end. After <see cref="GrowFor"/>.</summary>
    public void Push(ReadOnlySpan<byte> element, bool first)
    {
        if (!IsQuicklist) Store(first ? Listpack.Prepend(element) : Listpack.Append(element));
        else if (first) Quicklist.PushFirst(element);
        else Quicklist.PushLast(element);
    }

    /// <summary>Takes the first or the last element out of a list that has one.</summary>
    public void Drop(bool first)
    {
        if (IsQuicklist)
        {
            if (first) Quicklist.DeleteFirst();
            else Quicklist.DeleteLast();
            return;
        }

        Listpack listpack = Listpack;
        Store(listpack.Delete(first ? listpack.First : listpack.Last, out _));
    }

    /// <summary>Takes elements out from an index on, negative from the end, as many as there are.</summary>
    public void DeleteRange(long start, long count)
    {
        if (IsQuicklist)
        {
            Quicklist.DeleteRange(start, count);
            return;
        }

        Listpack listpack = Listpack;
        int position = listpack.Seek(start);
        if (position >= 0 && count > 0) Store(listpack.DeleteRange(position, (int)Math.Min(count, int.MaxValue), out _));
    }

    /// <summary>Takes elements out that equal one: at most so many, 0 for all, the last ones first if asked.</summary>
    public long DeleteMatches(ReadOnlySpan<byte> element, long countMax, bool fromEnd)
    {
        if (IsQuicklist) return Quicklist.DeleteMatches(element, countMax, fromEnd);

        long wanted = countMax == 0 ? long.MaxValue : countMax;
        long deletedCount = 0;
        Listpack listpack = Listpack;
        int position = fromEnd ? listpack.Last : listpack.First;
        while (position >= 0 && deletedCount < wanted)
        {
            int previous = listpack.Previous(position);
            bool isMatch = listpack.At(position).Equals(element);
            int next = isMatch ? -1 : listpack.Next(position);
            if (isMatch)
            {
                listpack = listpack.Delete(position, out next);
                deletedCount++;
            }

            position = fromEnd ? previous : next;
        }

        Store(listpack);
        return deletedCount;
    }

    /// <summary>Puts an element in the place of the one with this index, negative from the end. False when there is none.</summary>
    public bool Replace(long index, ReadOnlySpan<byte> element)
    {
        if (IsQuicklist) return Quicklist.Replace(index, element);

        Listpack listpack = Listpack;
        int position = listpack.Seek(index);
        if (position < 0) return false;

        Store(listpack.Replace(position, element));
        return true;
    }

    /// <summary>Puts an element beside the first one that equals the pivot. False when there is none.</summary>
    public bool InsertBeside(ReadOnlySpan<byte> pivot, ReadOnlySpan<byte> element, bool after)
    {
        if (IsQuicklist) return Quicklist.InsertBeside(pivot, element, after);

        Listpack listpack = Listpack;
        int position = listpack.Find(pivot, listpack.First, 0);
        if (position < 0) return false;

        Store(after ? listpack.InsertAfter(position, element, out _) : listpack.InsertBefore(position, element, out _));
        return true;
    }

    /// <summary>A cursor before the element with this index, negative from the end. Dispose of it.</summary>
    public ListCursor CursorAt(long index, bool reversed) => IsQuicklist
        ? new ListCursor(Quicklist.CursorAt(index, reversed))
        : new ListCursor(Listpack, index, reversed);

    private void Store(Listpack listpack)
    {
        Entry entry = _entry;
        entry.Payload = listpack.Address;
    }

    private void Store(Quicklist quicklist)
    {
        Entry entry = _entry;
        entry.Encoding = ListEncoding.Quicklist;
        entry.Payload = quicklist.Address;
    }
}

// A list as it lies in its entry.
//
//   listpack     one listpack                                    while it is small
//   parts        a quicklist of 1 KB nodes, uncompressed          counts as one listpack all the same: it wastes less memory
//   quicklist    a quicklist of list-max-listpack-size nodes      past that size
// A list turns into a quicklist before it takes what would make its listpack exceed list-max-listpack-size, and back when it
// has shrunk to one node of half that: so a list at the limit does not go to and fro. Clients see "listpack" and "quicklist".
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
    public const byte Parts = 2;
}

/// <summary>A list that is not yet, or no longer, under a key.</summary>
internal readonly record struct LooseList(byte Encoding, nint Address)
{
    /// <summary>In the encoding that suits a listpack, which it takes over.</summary>
    public static LooseList From(Listpack listpack)
    {
        bool isOneBlock = listpack.TotalBytes <= ListFill.Part.BytesMax || listpack.Count == 1;
        if (isOneBlock) return new LooseList(ListEncoding.Listpack, listpack.Address);

        Quicklist parts = Quicklist.Create(ListFill.Part, compressDepth: 0);
        parts.AddInParts(listpack);
        return new LooseList(ListEncoding.Parts, parts.Address);
    }

    /// <summary>In the encoding that suits a list that was built as a quicklist, which it takes over.</summary>
    public static LooseList From(Quicklist list) =>
        list.TryBecomeListpack(ListOptions.Fill, divisor: 1, out Listpack listpack)
            ? From(listpack)
            : new LooseList(ListEncoding.Quicklist, list.Address);
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
    public long Length => HasNodes ? Quicklist.Count : Listpack.Count;

    /// <summary>The first element of a list that has one; valid until the list changes.</summary>
    public ListpackElement First => HasNodes ? Quicklist.First : Listpack.At(Listpack.First);

    /// <summary>The last element of a list that has one; valid until the list changes.</summary>
    public ListpackElement Last => HasNodes ? Quicklist.Last : Listpack.At(Listpack.Last);

    /// <summary>Whether the list consists of nodes, and is not one block.</summary>
    public bool HasNodes => _entry.Encoding != ListEncoding.Listpack;

    /// <summary>The listpack that the list is.</summary>
    public Listpack Listpack
    {
        get
        {
            Debug.Assert(!HasNodes);
            return new Listpack((nint)_entry.Payload);
        }
    }

    /// <summary>The nodes of the list.</summary>
    public Quicklist Quicklist
    {
        get
        {
            Debug.Assert(HasNodes);
            return new Quicklist((nint)_entry.Payload);
        }
    }

    /// <summary>Adds an empty list under a key that does not exist. It must not stay empty.</summary>
    public static ListValue Create(CommandContext ctx, ReadOnlySpan<byte> key)
    {
        Entry entry = Entry.CreateWithPayload(key, ListType.Descriptor.Id, ListEncoding.Listpack, Listpack.Create().Address);
        return new ListValue(ctx.AddEntry(new KeyEntry(entry.Address)));
    }

    /// <summary>Makes ready for elements to come: changes the encoding when this one does not suit what the list will be.</summary>
    /// <param name="addedBytes">The sum of their lengths.</param>
    /// <param name="addedCount">How many.</param>
    public void GrowFor(long addedBytes, int addedCount)
    {
        if (_entry.Encoding == ListEncoding.Quicklist) return;

        long bytes = addedBytes + (HasNodes ? Quicklist.JoinedBytes : Listpack.TotalBytes);
        long count = addedCount + Length;
        ListFill fill = ListOptions.Fill;
        if (fill.IsExceeded(bytes, count)) BecomeQuicklist(fill);
        else if (!HasNodes && count > 1 && bytes > ListFill.Part.BytesMax) BecomeParts();
    }

    /// <summary>Changes the encoding when little is left.</summary>
    public void Shrink()
    {
        if (!HasNodes) return;

        bool isQuicklist = _entry.Encoding == ListEncoding.Quicklist;
        ListFill fill = isQuicklist ? ListOptions.Fill : ListFill.Part;
        if (Quicklist.TryBecomeListpack(fill, divisor: 2, out Listpack listpack)) Store(LooseList.From(listpack));
    }

    /// <summary>Adds an element at one end. After <see cref="GrowFor"/>.</summary>
    public void Push(ReadOnlySpan<byte> element, bool first)
    {
        if (!HasNodes) Store(first ? Listpack.Prepend(element) : Listpack.Append(element));
        else if (first) Quicklist.PushFirst(element);
        else Quicklist.PushLast(element);
    }

    /// <summary>Takes the first or the last element out of a list that has one.</summary>
    public void Drop(bool first)
    {
        if (HasNodes)
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
        if (HasNodes)
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
        if (HasNodes) return Quicklist.DeleteMatches(element, countMax, fromEnd);

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
        if (HasNodes) return Quicklist.Replace(index, element);

        Listpack listpack = Listpack;
        int position = listpack.Seek(index);
        if (position < 0) return false;

        Store(listpack.Replace(position, element));
        return true;
    }

    /// <summary>Puts an element beside the first one that equals the pivot. False when there is none.</summary>
    public bool InsertBeside(ReadOnlySpan<byte> pivot, ReadOnlySpan<byte> element, bool after)
    {
        if (HasNodes) return Quicklist.InsertBeside(pivot, element, after);

        Listpack listpack = Listpack;
        int position = listpack.Find(pivot, listpack.First, 0);
        if (position < 0) return false;

        Store(after ? listpack.InsertAfter(position, element, out _) : listpack.InsertBefore(position, element, out _));
        return true;
    }

    /// <summary>A cursor before the element with this index, negative from the end. Dispose of it.</summary>
    public ListCursor CursorAt(long index, bool reversed) => HasNodes
        ? new ListCursor(Quicklist.CursorAt(index, reversed))
        : new ListCursor(Listpack, index, reversed);

    private void Store(Listpack listpack)
    {
        Entry entry = _entry;
        entry.Payload = listpack.Address;
    }

    private void Store(LooseList list)
    {
        Entry entry = _entry;
        entry.Encoding = list.Encoding;
        entry.Payload = list.Address;
    }

    private void BecomeQuicklist(ListFill fill)
    {
        Listpack listpack = HasNodes ? Quicklist.Join() : Listpack;
        if (HasNodes) Quicklist.Free();
        Quicklist list = Quicklist.Create(fill, ListOptions.CompressDepth);
        list.AddPacked(listpack);
        Store(new LooseList(ListEncoding.Quicklist, list.Address));
    }

    private void BecomeParts()
    {
        Quicklist parts = Quicklist.Create(ListFill.Part, compressDepth: 0);
        parts.AddPacked(Listpack);
        Store(new LooseList(ListEncoding.Parts, parts.Address));
    }
}

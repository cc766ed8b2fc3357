// How a set grows, shrinks and changes its encoding. An intset takes integers up to a limit, past it becomes a table; with the
// first other member it becomes a listpack, or a table where that would be too large. A listpack past one of its limits
// becomes a table.
// Holds always: when a method throws for want of memory, the set is as it was.

using Valkey.Structures;

namespace Valkey.Sets;

internal partial struct SetValue
{
    // More than any integer takes in a listpack: the encoding, 8 bytes and the way back.
    private const int ListpackIntegerBytesMax = 11;

    /// <summary>An empty set that is about to get so many members, of which this is the first.</summary>
    public static SetValue CreateFor(ReadOnlySpan<byte> firstMember, int memberCount)
    {
        bool isInteger = IntegerText.TryParse(firstMember, out _);
        if (isInteger && memberCount <= SetOptions.ConfiguredIntsetEntriesMax) return CreateIntset();
        return memberCount <= SetOptions.ListpackEntriesMax ? CreateListpack() : CreateTable();
    }

    /// <summary>Makes a table of it when so many members that may come would be too many for what it is.</summary>
    public void PrepareFor(int memberCount)
    {
        if (Encoding == SetEncoding.Listpack && memberCount > SetOptions.ListpackEntriesMax) ConvertToTable();
        else if (Encoding == SetEncoding.Intset && memberCount > SetOptions.ConfiguredIntsetEntriesMax) ConvertToTable();
    }

    /// <summary>Adds a member; false when it was one already.</summary>
    public bool Add(ReadOnlySpan<byte> member)
    {
        if (Encoding == SetEncoding.Table) return AddToTable(member, KeyHash.Of(member));
        if (Encoding == SetEncoding.Listpack) return Listpack.Find(member, Listpack.First, skip: 0) < 0 && AddToListpack(member);
        return IntegerText.TryParse(member, out long number) ? AddToIntset(number) : AddTextToIntset(member);
    }

    /// <summary>Adds the member of another set that the walk stands at; false when it was one already.</summary>
    public bool Add(ref MemberWalk member)
    {
        if (Encoding == SetEncoding.Table) return AddToTable(member.Text, member.Hash);
        if (Encoding == SetEncoding.Listpack) return !Contains(ref member) && AddToListpack(member.Text);
        return member.TryGetInteger(out long number) ? AddToIntset(number) : AddTextToIntset(member.Text);
    }

    /// <summary>As the other, for a member that is known to be none yet.</summary>
    public void AddNew(ref MemberWalk member)
    {
        if (Encoding == SetEncoding.Listpack) AddToListpack(member.Text);
        else Add(ref member);
    }

    /// <summary>Adds a number to a set of integers; false when it was a member already.</summary>
    public bool AddInteger(long member) => AddToIntset(member);

    /// <summary>Adds the member that the walk stands at, known to be none yet, to a listpack, whatever the limits.</summary>
    public void AppendAsIs(ref MemberWalk member) => Payload = member.IsStoredAsInteger
        ? Listpack.AppendInteger(member.Integer).Address
        : Listpack.Append(member.Text).Address;

    /// <summary>Takes a member out; false when it was none. The set may be empty afterwards.</summary>
    public bool Remove(ReadOnlySpan<byte> member)
    {
        switch (Encoding)
        {
            case SetEncoding.Table:
                return RemoveFromTable(member, KeyHash.Of(member));
            case SetEncoding.Listpack:
                return RemoveFromListpack(member);
            default:
                return IntegerText.TryParse(member, out long number) && RemoveFromIntset(number);
        }
    }

    /// <summary>Takes out the member of another set that the walk stands at; false when it was none.</summary>
    public bool Remove(ref MemberWalk member)
    {
        switch (Encoding)
        {
            case SetEncoding.Table:
                return RemoveFromTable(member.Text, member.Hash);
            case SetEncoding.Listpack:
                return RemoveFromListpack(member.Text);
            default:
                return member.TryGetInteger(out long number) && RemoveFromIntset(number);
        }
    }

    /// <summary>Takes out the member of a listpack at this position.</summary>
    public void RemoveAt(int position) => Payload = Listpack.Delete(position, out _).Address;

    /// <summary>Takes out the member of an intset at this place in ascending order.</summary>
    public void RemoveIntegerAt(int index) => Payload = Intset.RemoveAt(index).Address;

    /// <summary>Makes an intset of a set all of whose members are integers, if they are not too many.</summary>
    public void CompactToIntset()
    {
        if (Encoding == SetEncoding.Intset || Count > SetOptions.IntsetEntriesMax) return;

        Intset intset = Intset.Create();
        MemberWalk members = new(this, stackalloc byte[IntegerText.LengthMax]);
        while (members.MoveNext())
        {
            if (members.TryGetInteger(out long number)) intset = intset.Add(number, out _);
        }

        Free();
        this = From(intset);
    }

    /// <summary>Makes a table of it, whatever its size; false, with nothing changed, when a member is there twice.</summary>
    /// <remarks>Only bytes from outside can hold a member twice.</remarks>
    public bool TryConvertToTable()
    {
        SetValue table = CreateTable();
        MemberWalk members = new(this, stackalloc byte[IntegerText.LengthMax]);
        while (members.MoveNext())
        {
            if (table.AddToTable(members.Text, members.Hash)) continue;
            table.Free();
            return false;
        }

        Free();
        this = table;
        return true;
    }

    private void ConvertToTable()
    {
        // A payload that was taken over unchecked may hold a member twice: here it loses the second one.
        SetValue table = CreateTable();
        MemberWalk members = new(this, stackalloc byte[IntegerText.LengthMax]);
        while (members.MoveNext()) table.AddToTable(members.Text, members.Hash);
        Free();
        this = table;
    }

    private void ConvertToListpack()
    {
        Listpack listpack = Listpack.Create();
        Intset intset = Intset;
        int count = intset.Count;
        for (int i = 0; i < count; i++) listpack = listpack.AppendInteger(intset[i]);
        Free();
        this = From(listpack);
    }

    private bool AddToIntset(long number)
    {
        Payload = Intset.Add(number, out bool isNew).Address;
        if (isNew && Intset.Count > SetOptions.IntsetEntriesMax) ConvertToTable();
        return isNew;
    }

    private bool AddTextToIntset(ReadOnlySpan<byte> member)
    {
        if (FitsListpackAfter(member))
        {
            ConvertToListpack();
            Payload = Listpack.Append(member).Address;
        }
        else
        {
            ConvertToTable();
            AddToTable(member, KeyHash.Of(member));
        }

        return true;
    }

    private readonly bool FitsListpackAfter(ReadOnlySpan<byte> member)
    {
        Intset intset = Intset;
        long longest = member.Length;
        if (intset.Count > 0)
        {
            longest = Math.Max(longest, Math.Max(IntegerText.CountBytes(intset.Min), IntegerText.CountBytes(intset.Max)));
        }

        return intset.Count < SetOptions.ListpackEntriesMax && longest <= SetOptions.ListpackValueMax
            && Listpack.FitsAdding(0, ((long)intset.Count * ListpackIntegerBytesMax) + member.Length);
    }

    private bool AddToListpack(ReadOnlySpan<byte> member)
    {
        Listpack listpack = Listpack;
        if (listpack.Count < SetOptions.ListpackEntriesMax && member.Length <= SetOptions.ListpackValueMax
            && Listpack.FitsAdding(listpack.TotalBytes, member.Length))
        {
            Payload = listpack.Append(member).Address;
            return true;
        }

        ConvertToTable();
        return AddToTable(member, KeyHash.Of(member));
    }

    private readonly bool AddToTable(ReadOnlySpan<byte> member, ulong hash)
    {
        NativeTable<PackedStringTraits> table = Table;
        if (table.Find(member, hash) != 0) return false;

        table.Insert(PackedString.Create(member).Address, hash);
        return true;
    }

    private bool RemoveFromIntset(long number)
    {
        Payload = Intset.Remove(number, out bool wasMember).Address;
        return wasMember;
    }

    private bool RemoveFromListpack(ReadOnlySpan<byte> member)
    {
        int position = Listpack.Find(member, Listpack.First, skip: 0);
        if (position >= 0) RemoveAt(position);
        return position >= 0;
    }

    private readonly bool RemoveFromTable(ReadOnlySpan<byte> member, ulong hash)
    {
        nint removed = Table.Remove(member, hash);
        if (removed == 0) return false;

        new PackedString(removed).Free();
        return true;
    }
}

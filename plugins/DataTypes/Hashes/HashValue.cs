// HashValue: changes a hash in its entry, and its encoding where that is outgrown. There is no way back to a listpack.
//
// Holds always: the entry's payload and encoding are those of the hash after every call. A hash may be left empty, and whether
// it has fields that expire may have changed: HashStore.Changed sees to both when a command has done its work.

using System.Diagnostics;
using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Hashes;

/// <summary>What setting a field did.</summary>
internal enum FieldSetOutcome
{
    /// <summary>There was none.</summary>
    Added,

    /// <summary>There was one, whose time was over.</summary>
    ReplacedExpired,

    /// <summary>It had another value.</summary>
    Updated,
}

/// <summary>What changing the expiry of a field did; the numbers are those that clients get.</summary>
internal enum FieldExpiryOutcome
{
    /// <summary>There is no such field.</summary>
    NotFound = -2,

    /// <summary>It does not expire, so there is nothing to take away.</summary>
    NoExpiry = -1,

    /// <summary>A condition was not met.</summary>
    ConditionFailed = 0,

    /// <summary>Done.</summary>
    Done = 1,

    /// <summary>The time is over already: the field was deleted.</summary>
    Expired = 2,
}

/// <summary>Conditions of HEXPIRE.</summary>
[Flags]
internal enum FieldExpiryConditions
{
    None = 0,
    IfNone = 1,
    IfAny = 2,
    IfGreater = 4,
    IfLess = 8,
}

internal readonly struct HashValue(KeyEntry handle)
{
    private readonly Entry _entry = new(handle.Address);

    public HashView View => new(_entry.Encoding, _entry.Payload);

    public KeyEntry Handle => new(_entry.Address);

    /// <summary>Leaves the listpack when these arguments, fields and values, would not fit into it.</summary>
    public void PrepareFor(CommandContext ctx, int first, int last)
    {
        if (!View.IsListpack) return;

        int addedCount = (last - first + 1) / 2;
        if (addedCount > HashOptions.MaxListpackEntries)
        {
            ConvertToTable(addedCount);
            return;
        }

        long addedBytes = 0;
        for (int i = first; i <= last; i++)
        {
            int length = ctx.Argument(i).Length;
            addedBytes += length;
            if (length <= HashOptions.MaxListpackValueBytes) continue;
            ConvertToTable();
            return;
        }

        if (!Listpack.FitsAdding(View.Listpack.TotalBytes, addedBytes)) ConvertToTable();
    }

    /// <summary>Sets a field's value and expiry.</summary>
    /// <param name="ctx">Knows what is over already.</param>
    /// <param name="field">The field.</param>
    /// <param name="value">Its value.</param>
    /// <param name="expireAtUnixMs">When it expires, -1 for never.</param>
    /// <param name="keepsExpiry">Whether a field that is there, and not over, keeps the expiry that it has.</param>
    public FieldSetOutcome Set(
        CommandContext ctx, ReadOnlySpan<byte> field, ReadOnlySpan<byte> value,
        long expireAtUnixMs = HashField.NoExpiry, bool keepsExpiry = false)
    {
        if (View.IsListpack)
        {
            bool fits = expireAtUnixMs == HashField.NoExpiry
                && field.Length <= HashOptions.MaxListpackValueBytes && value.Length <= HashOptions.MaxListpackValueBytes;
            if (fits) return SetInListpack(field, value);
            ConvertToTable();
        }

        FieldTable table = View.Table;
        if (!table.TryFindPlace(field, out FieldPlace place))
        {
            table.Add(in place, field, value, expireAtUnixMs);
            return FieldSetOutcome.Added;
        }

        bool isOver = place.Field.HasExpiry && ctx.IsExpiredAlready(place.Field.ExpireAtUnixMs);
        if (!isOver && keepsExpiry) expireAtUnixMs = place.Field.ExpireAtUnixMs;
        table.Update(in place, value, expireAtUnixMs);
        return isOver ? FieldSetOutcome.ReplacedExpired : FieldSetOutcome.Updated;
    }

    /// <summary>Deletes a field that is not over at a moment.</summary>
    public bool Delete(ReadOnlySpan<byte> field, long nowUnixMs)
    {
        HashView view = View;
        if (view.IsListpack)
        {
            int position = view.PositionOf(field);
            if (position < 0) return false;
            StorePayload(view.Listpack.DeleteRange(position, 2, out _).Address);
            return true;
        }

        if (!view.Table.TryFindPlace(field, out FieldPlace place) || place.Field.IsExpiredAt(nowUnixMs)) return false;
        view.Table.Remove(in place);
        return true;
    }

    /// <summary>Lets a field expire at a time; deletes it when that is over already.</summary>
    public FieldExpiryOutcome Expire(
        CommandContext ctx, ReadOnlySpan<byte> field, long expireAtUnixMs, FieldExpiryConditions conditions)
    {
        long nowUnixMs = ctx.ItemExpiryNowUnixMs;
        bool isOver = ctx.IsExpiredAlready(expireAtUnixMs);
        if (View.IsListpack)
        {
            if (!View.Contains(field, nowUnixMs)) return FieldExpiryOutcome.NotFound;
            if (!AreMet(conditions, HashField.NoExpiry, expireAtUnixMs)) return FieldExpiryOutcome.ConditionFailed;
            if (!isOver) ConvertToTable(); // else it goes, and the rest may stay as it is
        }

        if (isOver) return ExpireNow(field, expireAtUnixMs, conditions, nowUnixMs);

        FieldTable table = View.Table;
        if (!table.TryFindPlace(field, out FieldPlace place) || place.Field.IsExpiredAt(nowUnixMs))
        {
            return FieldExpiryOutcome.NotFound;
        }

        if (!AreMet(conditions, place.Field.ExpireAtUnixMs, expireAtUnixMs)) return FieldExpiryOutcome.ConditionFailed;
        table.SetExpiry(in place, expireAtUnixMs);
        return FieldExpiryOutcome.Done;
    }

    /// <summary>Takes a field's expiry away.</summary>
    public FieldExpiryOutcome Persist(ReadOnlySpan<byte> field, long nowUnixMs)
    {
        HashView view = View;
        if (view.IsListpack)
        {
            return view.Contains(field, nowUnixMs) ? FieldExpiryOutcome.NoExpiry : FieldExpiryOutcome.NotFound;
        }

        if (!view.Table.TryFindPlace(field, out FieldPlace place) || place.Field.IsExpiredAt(nowUnixMs))
        {
            return FieldExpiryOutcome.NotFound;
        }

        if (!place.Field.HasExpiry) return FieldExpiryOutcome.NoExpiry;
        view.Table.SetExpiry(in place, HashField.NoExpiry);
        return FieldExpiryOutcome.Done;
    }

    /// <summary>The same fields in a table. A name that a damaged listpack holds twice counts once.</summary>
    public static FieldTable ToTable(Listpack listpack, long moreCount = 0)
    {
        FieldTable table = FieldTable.Create();
        table.Reserve((listpack.Count / 2) + moreCount);
        Span<byte> nameScratch = stackalloc byte[IntegerText.LengthMax];
        Span<byte> valueScratch = stackalloc byte[IntegerText.LengthMax];
        FieldWalk fields = new HashView(HashEncoding.Listpack, listpack.Address).Walk(long.MinValue);
        while (fields.MoveNext()) table.TryAdd(fields.Name.Text(nameScratch), fields.Value.Text(valueScratch));
        return table;
    }

    private FieldSetOutcome SetInListpack(ReadOnlySpan<byte> field, ReadOnlySpan<byte> value)
    {
        Listpack listpack = View.Listpack;
        int position = View.PositionOf(field);
        if (position >= 0)
        {
            StorePayload(listpack.Replace(listpack.Next(position), value).Address);
            return FieldSetOutcome.Updated;
        }

        StorePayload(listpack.Append(field).Append(value).Address);
        if (View.Count > HashOptions.MaxListpackEntries) ConvertToTable();
        return FieldSetOutcome.Added;
    }

    private FieldExpiryOutcome ExpireNow(
        ReadOnlySpan<byte> field, long expireAtUnixMs, FieldExpiryConditions conditions, long nowUnixMs)
    {
        if (!View.TryFind(field, nowUnixMs, out _, out long currentExpireAtUnixMs)) return FieldExpiryOutcome.NotFound;
        if (!AreMet(conditions, currentExpireAtUnixMs, expireAtUnixMs)) return FieldExpiryOutcome.ConditionFailed;
        Delete(field, nowUnixMs);
        return FieldExpiryOutcome.Expired;
    }

    // No expiry counts as an infinite one: nothing is greater, everything is less.
    private static bool AreMet(FieldExpiryConditions conditions, long currentUnixMs, long wantedUnixMs)
    {
        bool expires = currentUnixMs != HashField.NoExpiry;
        if ((conditions & FieldExpiryConditions.IfNone) != 0 && expires) return false;
        if ((conditions & FieldExpiryConditions.IfAny) != 0 && !expires) return false;
        if ((conditions & FieldExpiryConditions.IfGreater) != 0 && (!expires || wantedUnixMs <= currentUnixMs)) return false;
        return (conditions & FieldExpiryConditions.IfLess) == 0 || !expires || wantedUnixMs < currentUnixMs;
    }

    private void ConvertToTable(long moreCount = 0)
    {
        Listpack listpack = View.Listpack;
        FieldTable table = ToTable(listpack, moreCount);
        Entry entry = _entry;
        entry.Encoding = HashEncoding.Table;
        entry.Payload = table.Address;
        listpack.Free();
        Debug.Assert(!View.IsListpack);
    }

    private void StorePayload(nint address)
    {
        Entry entry = _entry;
        entry.Payload = address;
    }
}

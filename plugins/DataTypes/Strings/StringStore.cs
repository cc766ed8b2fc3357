// Puts strings into the keyspace: as a whole (SET, INCR, BITOP) or by opening a part for writing (APPEND, SETRANGE,
// SETBIT). What fits into the memory that the key has is done there; otherwise a new entry takes the old one's place.
// Holds always: nobody signals or notifies here. A handle that came in is stale after the call: go on with the result.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Strings;

internal static class StringStore
{
    private static byte TypeId => StringType.Descriptor.Id;

    /// <summary>Sets the key to a value in the encoding that suits it.</summary>
    /// <param name="ctx">The command.</param>
    /// <param name="key">The key.</param>
    /// <param name="existing">What it holds now, of whatever type, or nothing; found to be replaced.</param>
    /// <param name="value">The value.</param>
    /// <param name="expireAtUnixMs">When it expires from now on, or -1.</param>
    public static KeyEntry Set(
        CommandContext ctx, ReadOnlySpan<byte> key, KeyEntry existing, ReadOnlySpan<byte> value, long expireAtUnixMs)
    {
        if (!existing.Exists) return Add(ctx, StringValue.Create(key, TypeId, value, expireAtUnixMs));

        Entry entry = new(existing.Address);
        if (entry.TypeId == TypeId && ctx.CanChangeInPlace(existing) && StringValue.TryOverwrite(entry, value))
        {
            return entry.ExpireAtUnixMs == expireAtUnixMs ? existing : ctx.SetExpiry(existing, expireAtUnixMs);
        }

        return Replace(ctx, existing, StringValue.Create(key, TypeId, value, expireAtUnixMs, entry.AccessClock));
    }

    /// <summary>Sets the key to a number; its expiry stays.</summary>
    public static void SetInteger(CommandContext ctx, ReadOnlySpan<byte> key, KeyEntry existing, long number)
    {
        if (!existing.Exists)
        {
            Add(ctx, StringValue.CreateInteger(key, TypeId, number));
            return;
        }

        Entry entry = new(existing.Address);
        if (!entry.IsEmbedded && entry.Encoding == StringEncoding.Int)
        {
            ctx.UpdatePayload(existing, StringEncoding.Int, number);
            return;
        }

        Replace(ctx, existing, StringValue.CreateInteger(key, TypeId, number, entry.ExpireAtUnixMs, entry.AccessClock));
    }

    /// <summary>Sets the key to text that stays text although it may look like an integer; its expiry stays.</summary>
    public static void SetText(CommandContext ctx, ReadOnlySpan<byte> key, KeyEntry existing, ReadOnlySpan<byte> text)
    {
        Entry entry = new(existing.Address);
        byte encoding = text.Length <= StringEncoding.EmbstrMax ? StringEncoding.Embstr : StringEncoding.Raw;
        if (existing.Exists && entry.TryOverwriteEmbedded(TypeId, encoding, text)) return;

        long expireAtUnixMs = existing.Exists ? entry.ExpireAtUnixMs : Entry.NoExpiry;
        uint clock = existing.Exists ? entry.AccessClock : 0;
        Put(ctx, existing, encoding == StringEncoding.Embstr
            ? Entry.CreateEmbedded(key, TypeId, encoding, text, expireAtUnixMs, clock)
            : StringValue.CreateRaw(key, TypeId, text, expireAtUnixMs, clock));
    }

    /// <summary>Sets the key to a blob, whose reference this takes over, without an expiry.</summary>
    public static void SetBlob(CommandContext ctx, ReadOnlySpan<byte> key, KeyEntry existing, Blob blob)
    {
        uint clock = existing.Exists ? new Entry(existing.Address).AccessClock : 0;
        if (blob.Length > Entry.EmbeddedMax)
        {
            Put(ctx, existing, StringValue.CreateFromBlob(key, TypeId, blob, Entry.NoExpiry, clock));
            return;
        }

        Put(ctx, existing, StringValue.CreateRaw(key, TypeId, blob.Span, Entry.NoExpiry, clock));
        blob.Release();
    }

    /// <summary>Makes the string at least so long, new bytes being zero, and gives all of its bytes for writing.</summary>
    /// <param name="ctx">The command.</param>
    /// <param name="key">The key.</param>
    /// <param name="handle">The string that it holds, or nothing.</param>
    /// <param name="length">Bytes wanted at least.</param>
    /// <returns>Its bytes. It is encoded raw from now on, as Valkey leaves strings that were changed in part.</returns>
    public static Span<byte> Open(CommandContext ctx, ReadOnlySpan<byte> key, KeyEntry handle, int length)
    {
        if (!handle.Exists) return Create(ctx, key, length);

        Entry entry = new(handle.Address);
        if (StringValue.TryGetBlob(entry, out Blob blob))
        {
            Blob grown = blob.Grow(length, greedy: true);
            if (grown != blob) ctx.UpdatePayload(handle, StringEncoding.Raw, grown.Address);
            return grown.Span;
        }

        if (entry.IsEmbedded && length <= entry.EmbeddedValue.Length)
        {
            entry.Encoding = StringEncoding.Raw;
            return entry.EmbeddedValueWritable;
        }

        return Rebuild(ctx, key, handle, length);
    }

    private static Span<byte> Create(CommandContext ctx, ReadOnlySpan<byte> key, int length)
    {
        if (length > Entry.EmbeddedMax)
        {
            Blob blob = Zeroed(length);
            Add(ctx, StringValue.CreateFromBlob(key, TypeId, blob));
            return blob.Span;
        }

        Span<byte> zeroes = stackalloc byte[Entry.EmbeddedMax];
        zeroes.Clear();
        KeyEntry added = Add(ctx, StringValue.CreateRaw(key, TypeId, zeroes[..length]));
        return new Entry(added.Address).EmbeddedValueWritable;
    }

    // An embedded string that outgrows its place, or a number that becomes text.
    private static Span<byte> Rebuild(CommandContext ctx, ReadOnlySpan<byte> key, KeyEntry handle, int length)
    {
        Entry entry = new(handle.Address);
        Span<byte> bytes = stackalloc byte[Entry.EmbeddedMax];
        bytes.Clear();
        ReadOnlySpan<byte> old = StringValue.Read(entry, bytes);
        int oldLength = old.Length;
        if (entry.IsEmbedded) old.CopyTo(bytes);
        length = Math.Max(length, oldLength);

        if (length > Entry.EmbeddedMax)
        {
            Blob blob = Blob.From(bytes[..oldLength]).Grow(length, greedy: true);
            Replace(ctx, handle, StringValue.CreateFromBlob(key, TypeId, blob, entry.ExpireAtUnixMs, entry.AccessClock));
            return blob.Span;
        }

        bytes = bytes[..length];
        if (entry.TryOverwriteEmbedded(TypeId, StringEncoding.Raw, bytes)) return entry.EmbeddedValueWritable;
        KeyEntry moved = Replace(
            ctx, handle, StringValue.CreateRaw(key, TypeId, bytes, entry.ExpireAtUnixMs, entry.AccessClock));
        return new Entry(moved.Address).EmbeddedValueWritable;
    }

    private static Blob Zeroed(int length)
    {
        Blob blob = Blob.Allocate(length, length);
        blob.Span.Clear();
        return blob;
    }

    private static KeyEntry Put(CommandContext ctx, KeyEntry existing, Entry entry) =>
        existing.Exists ? Replace(ctx, existing, entry) : Add(ctx, entry);

    private static KeyEntry Add(CommandContext ctx, Entry entry) => ctx.AddEntry(new KeyEntry(entry.Address));

    private static KeyEntry Replace(CommandContext ctx, KeyEntry existing, Entry entry) =>
        ctx.ReplaceEntry(existing, new KeyEntry(entry.Address));
}

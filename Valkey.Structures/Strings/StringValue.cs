// StringValue: how the "string" data type lies in an entry, shared by the core and the plugins.
//
//   int     payload is the number                           text that is the canonical form of a 64-bit integer
//   embstr  the bytes embedded                              up to 44 bytes
//   raw     the bytes embedded, or payload is a Blob        anything else; embedded up to 255 bytes
// The encoding's name says how the value came to be, as clients expect from OBJECT ENCODING; where the bytes are is told
// by Entry.IsEmbedded alone.
// Holds always: an int is never embedded, and a blob's length may be anything (a value that was cut stays a blob).

using System.Diagnostics;

namespace Valkey.Structures;

/// <summary>The encodings of the string type, as <see cref="Entry.Encoding"/> holds them.</summary>
public static class StringEncoding
{
    /// <summary>The payload is the number.</summary>
#pragma warning disable CA1720 // the encoding is called "int", by clients too
    public const byte Int = 0;
#pragma warning restore CA1720

    /// <summary>A short value that was set as a whole, embedded.</summary>
    public const byte Embstr = 1;

    /// <summary>Any other bytes: embedded, or in a <see cref="Blob"/>.</summary>
    public const byte Raw = 2;

    /// <summary>The longest value that is called embstr.</summary>
    public const int EmbstrMax = 44;
}

/// <summary>Reading, making and freeing entries that hold a string.</summary>
public static class StringValue
{
    /// <summary>Room that <see cref="Read"/> needs for the text of a number.</summary>
    public const int ScratchBytes = 32;

    /// <summary>The value's bytes, valid while the entry (and the scratch) is.</summary>
    public static ReadOnlySpan<byte> Read(Entry entry, Span<byte> scratch)
    {
        if (entry.IsEmbedded) return entry.EmbeddedValue;
        if (entry.Encoding == StringEncoding.Int) return scratch[..IntegerText.Format(entry.Payload, scratch)];

        return new Blob((nint)entry.Payload).Span;
    }

    /// <summary>The value's length in bytes; for a number, that of its text.</summary>
    public static long Length(Entry entry)
    {
        if (entry.IsEmbedded) return entry.EmbeddedValue.Length;
        return entry.Encoding == StringEncoding.Int ? IntegerText.CountBytes(entry.Payload) : BlobOf(entry).Length;
    }

    /// <summary>Whether the value is, strictly, a 64-bit integer, and which.</summary>
    public static bool TryReadInteger(Entry entry, out long value)
    {
        if (entry.IsEmbedded) return IntegerText.TryParse(entry.EmbeddedValue, out value);
        if (entry.Encoding == StringEncoding.Int)
        {
            value = entry.Payload;
            return true;
        }

        value = 0;
        Blob blob = BlobOf(entry);
        return blob.Length <= IntegerText.LengthMax && IntegerText.TryParse(blob.Span, out value);
    }

    /// <summary>Whether the value's bytes are in a blob, and which.</summary>
    public static bool TryGetBlob(Entry entry, out Blob blob)
    {
        bool isBlob = !entry.IsEmbedded && entry.Encoding == StringEncoding.Raw;
        blob = isBlob ? new Blob((nint)entry.Payload) : default;
        return isBlob;
    }

    /// <summary>A new entry in the encoding that suits the value.</summary>
    public static Entry Create(
        ReadOnlySpan<byte> key, byte typeId, ReadOnlySpan<byte> value, long expireAtUnixMs = Entry.NoExpiry, uint clock = 0)
    {
        if (value.Length <= IntegerText.LengthMax && IntegerText.TryParse(value, out long number))
        {
            return Entry.CreateWithPayload(key, typeId, StringEncoding.Int, number, expireAtUnixMs, clock);
        }

        if (value.Length <= StringEncoding.EmbstrMax)
        {
            return Entry.CreateEmbedded(key, typeId, StringEncoding.Embstr, value, expireAtUnixMs, clock);
        }

        return CreateRaw(key, typeId, value, expireAtUnixMs, clock);
    }

    /// <summary>A new entry that holds a number.</summary>
    public static Entry CreateInteger(
        ReadOnlySpan<byte> key, byte typeId, long value, long expireAtUnixMs = Entry.NoExpiry, uint clock = 0) =>
        Entry.CreateWithPayload(key, typeId, StringEncoding.Int, value, expireAtUnixMs, clock);

    /// <summary>A new entry called raw whatever its length: what appending and writing ranges leave behind.</summary>
    public static Entry CreateRaw(
        ReadOnlySpan<byte> key, byte typeId, ReadOnlySpan<byte> value, long expireAtUnixMs = Entry.NoExpiry, uint clock = 0)
    {
        if (value.Length <= Entry.EmbeddedMax)
        {
            return Entry.CreateEmbedded(key, typeId, StringEncoding.Raw, value, expireAtUnixMs, clock);
        }

        return CreateFromBlob(key, typeId, Blob.From(value), expireAtUnixMs, clock);
    }

    /// <summary>A new entry called raw that takes the caller's reference to a blob over.</summary>
    public static Entry CreateFromBlob(
        ReadOnlySpan<byte> key, byte typeId, Blob blob, long expireAtUnixMs = Entry.NoExpiry, uint clock = 0) =>
        Entry.CreateWithPayload(key, typeId, StringEncoding.Raw, blob.Address, expireAtUnixMs, clock);

    /// <summary>Sets the value as a whole without a new entry, where that fits; the expiry stays.</summary>
    /// <returns>False, with nothing changed, when a new entry is needed.</returns>
    /// <remarks>The result is encoded as <see cref="Create"/> would. The entry must hold a string.</remarks>
    public static bool TryOverwrite(Entry entry, ReadOnlySpan<byte> value)
    {
        bool isInteger = IntegerText.TryParse(value, out long number);
        if (entry.IsEmbedded)
        {
            byte encoding = value.Length <= StringEncoding.EmbstrMax ? StringEncoding.Embstr : StringEncoding.Raw;
            return !isInteger && entry.TryOverwriteEmbedded(entry.TypeId, encoding, value);
        }

        if (entry.Encoding == StringEncoding.Int)
        {
            if (isInteger) entry.Payload = number;
            return isInteger;
        }

        return value.Length > Entry.EmbeddedMax && TryOverwriteBlob(BlobOf(entry), value);
    }

    /// <summary>Releases what the payload points to, if anything; the entry itself stays.</summary>
    public static void FreeValue(Entry entry)
    {
        if (TryGetBlob(entry, out Blob blob)) blob.Release();
    }

    /// <summary>Releases the value and frees the entry. From any thread once the entry is out of its table.</summary>
    public static void Free(Entry entry)
    {
        FreeValue(entry);
        entry.FreeShell();
    }

    /// <summary>Bytes that the allocator set aside for entry and value together.</summary>
    public static nuint MemoryBytes(Entry entry) =>
        entry.MemoryBytes + (TryGetBlob(entry, out Blob blob) ? blob.MemoryBytes : 0);

    private static Blob BlobOf(Entry entry)
    {
        Debug.Assert(!entry.IsEmbedded);
        Debug.Assert(entry.Encoding == StringEncoding.Raw);
        return new Blob((nint)entry.Payload);
    }

    /// <summary>Reuses a blob that nobody else holds when the new value would get the same amount of memory.</summary>
    private static bool TryOverwriteBlob(Blob blob, ReadOnlySpan<byte> value)
    {
        if (blob.ReferenceCount != 1 || value.Length > blob.Capacity) return false;
        if (Blob.MemoryBytesFor(value.Length) != blob.MemoryBytes) return false;

        blob.Overwrite(value);
        return true;
    }
}

// The string type as the server sees it: saved as the RDB format's type 0, one string, which the format stores as an
// integer where it is one. How a string lies in its entry is told by StringValue.
// Holds always: what is loaded is encoded as SET would have encoded it.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Strings;

internal sealed class StringType : DataType
{
    private const byte RdbTypeCode = 0;

    public static readonly StringType Descriptor = new();

    private StringType() { }

    public override string Name => "string";

    public override string EncodingName(in StoredValue value) => value.Encoding switch
    {
        StringEncoding.Int => "int",
        StringEncoding.Embstr => "embstr",
        _ => "raw",
    };

    public override void Free(in StoredValue value)
    {
        if (IsBlob(value)) BlobOf(value).Release();
    }

    public override KeyEntry Copy(ReadOnlySpan<byte> key, in StoredValue value, IEntryFactory factory)
    {
        if (value.IsEmbedded) return factory.CreateEmbedded(key, this, value.Encoding, value.Embedded);
        long payload = IsBlob(value) ? Blob.From(BlobOf(value).Span).Address : value.Payload;
        return factory.Create(key, this, value.Encoding, payload);
    }

    public override long MemoryUsageBytes(in StoredValue value, int samples) =>
        IsBlob(value) ? (long)BlobOf(value).MemoryBytes : 0;

    public override long ElementCount(in StoredValue value)
    {
        if (value.IsEmbedded) return value.Embedded.Length;
        return IsBlob(value) ? BlobOf(value).Length : IntegerText.CountBytes(value.Payload);
    }

    public override void Save(in StoredValue value, IValueWriter writer)
    {
        writer.TypeCode(RdbTypeCode);
        if (value.IsEmbedded) writer.String(value.Embedded);
        else if (IsBlob(value)) writer.String(BlobOf(value).Span);
        else writer.IntegerString(value.Payload);
    }

    public override bool LoadsTypeCode(byte typeCode) => typeCode == RdbTypeCode;

    public override KeyEntry Load(ReadOnlySpan<byte> key, IValueReader reader, IEntryFactory factory)
    {
        if (reader.TypeCode != RdbTypeCode)
        {
            throw new InvalidDataException($"Type code {reader.TypeCode} is not one of the string type.");
        }

        ReadOnlySpan<byte> text = reader.String();
        if (IntegerText.TryParse(text, out long number)) return factory.Create(key, this, StringEncoding.Int, number);
        if (text.Length <= StringEncoding.EmbstrMax) return factory.CreateEmbedded(key, this, StringEncoding.Embstr, text);
        if (text.Length <= Entry.EmbeddedMax) return factory.CreateEmbedded(key, this, StringEncoding.Raw, text);
        return factory.Create(key, this, StringEncoding.Raw, Blob.From(text).Address);
    }

    public override bool Rewrite(ReadOnlySpan<byte> key, in StoredValue value, IRewriteWriter writer)
    {
        writer.Begin(3);
        writer.Argument("SET"u8);
        writer.Argument(key);
        if (value.IsEmbedded) writer.Argument(value.Embedded);
        else if (IsBlob(value)) writer.Argument(BlobOf(value).Span);
        else writer.Argument(value.Payload);
        return true;
    }

    public override void Digest(in StoredValue value, IDigestSink sink)
    {
        if (value.IsEmbedded)
        {
            sink.AddOrdered(value.Embedded);
            return;
        }

        if (IsBlob(value))
        {
            sink.AddOrdered(BlobOf(value).Span);
            return;
        }

        Span<byte> text = stackalloc byte[StringValue.ScratchBytes];
        sink.AddOrdered(text[..IntegerText.Format(value.Payload, text)]);
    }

    public override long Defrag(in StoredValue value, IDefragmenter defragmenter)
    {
        // What a reply still refers to stays where it is.
        if (!IsBlob(value) || BlobOf(value).ReferenceCount != 1) return value.Payload;
        return defragmenter.Move((nint)value.Payload, BlobOf(value).MemoryBytes);
    }

    private static bool IsBlob(in StoredValue value) => !value.IsEmbedded && value.Encoding == StringEncoding.Raw;

    private static Blob BlobOf(in StoredValue value) => new((nint)value.Payload);
}

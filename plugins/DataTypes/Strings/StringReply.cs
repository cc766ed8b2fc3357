// Sends a stored string to the client. A long one is not copied: the reply holds a reference to the value's blob until
// the bytes are sent, and whoever wants to change the value meanwhile copies it first (Blob counts the holders).

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Strings;

internal static class StringReply
{
    private const long SharedMinBytesDefault = 16 * 1024;

    private static readonly ReleaseSharedBytes s_release = static owner => new Blob(owner).Release();

    private static IntegerOption? s_sharedMinBytes;

    /// <summary>Takes the limit from which on strings are sent from where they lie from the server, where it has one.</summary>
    public static void ReadOptions(IOptionRegistry options) =>
        s_sharedMinBytes = options.Find("min-string-size-avoid-copy-reply") as IntegerOption;

    /// <summary>Replies the string behind a handle.</summary>
    public static void Value(ReplyWriter reply, KeyEntry handle)
    {
        Entry entry = new(handle.Address);
        if (entry.IsEmbedded) reply.Bulk(entry.EmbeddedValue);
        else if (StringValue.TryGetBlob(entry, out Blob blob)) Bytes(reply, blob, blob.Span);
        else reply.BulkInteger(entry.Payload);
    }

    /// <summary>Replies a part of the string behind a handle.</summary>
    public static void Part(ReplyWriter reply, KeyEntry handle, long start, long length)
    {
        Entry entry = new(handle.Address);
        if (StringValue.TryGetBlob(entry, out Blob blob))
        {
            Bytes(reply, blob, blob.Span.Slice((int)start, (int)length));
            return;
        }

        Span<byte> scratch = stackalloc byte[StringValue.ScratchBytes];
        reply.Bulk(StringValue.Read(entry, scratch).Slice((int)start, (int)length));
    }

    private static void Bytes(ReplyWriter reply, Blob blob, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < (s_sharedMinBytes?.Value ?? SharedMinBytesDefault))
        {
            reply.Bulk(bytes);
            return;
        }

        blob.AddReference();
        reply.BulkShared(bytes, blob.Address, s_release);
    }
}

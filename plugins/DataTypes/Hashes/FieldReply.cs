// Sends fields and values to the client. A long value is not copied: the reply holds a reference to its blob until the bytes
// are sent, and whoever changes the value meanwhile makes a new blob.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Hashes;

internal static class FieldReply
{
    private const long SharedMinBytesDefault = 16 * 1024;

    private static readonly ReleaseSharedBytes s_release = static owner => new Blob(owner).Release();

    private static IntegerOption? s_sharedMinBytes;

    /// <summary>Takes the limit from which on strings are sent from where they lie from the server, where it has one.</summary>
    public static void ReadOptions(IOptionRegistry options) =>
        s_sharedMinBytes = options.Find("min-string-size-avoid-copy-reply") as IntegerOption;

    /// <summary>Replies a name or a value.</summary>
    public static void Text(ReplyWriter reply, FieldText text)
    {
        if (text.IsInteger)
        {
            reply.BulkInteger(text.Integer);
            return;
        }

        if (text.Blob.IsNull || text.Bytes.Length < (s_sharedMinBytes?.Value ?? SharedMinBytesDefault))
        {
            reply.Bulk(text.Bytes);
            return;
        }

        text.Blob.AddReference();
        reply.BulkShared(text.Bytes, text.Blob.Address, s_release);
    }

    /// <summary>Replies the value of a field, or null.</summary>
    public static void ValueOrNull(ReplyWriter reply, HashView hash, ReadOnlySpan<byte> field, long nowUnixMs)
    {
        if (!hash.IsNull && hash.TryFind(field, nowUnixMs, out FieldText value, out _)) Text(reply, value);
        else reply.Null();
    }
}

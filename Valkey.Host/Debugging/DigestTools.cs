// DEBUG DIGEST and DIGEST-VALUE: 40 hexadecimal digits that are equal when the content is, on whatever server.
//
// The digest of a value is what its type feeds: ordered parts are chained, unordered ones are added by exclusive or. Keys
// are unordered parts of the dataset. Holds always: the digest of nothing is all zeros, and neither encodings nor the
// time left count.

using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Valkey.Abstractions;
using Valkey.Host.Commands;
using Valkey.Host.Keyspace;
using Valkey.Structures;

namespace Valkey.Host.Debugging;

internal static class DigestTools
{
    public static void AddTo(DebugTools tools)
    {
        tools.Add(new DebugTool("DIGEST", 0, 0, Digest,
            "DIGEST", "    Reply a number in hexadecimal digits that stands for the content of all databases."));
        tools.Add(new DebugTool("DIGEST-VALUE", 0, int.MaxValue, DigestValue,
            "DIGEST-VALUE <key> [<key> ...]", "    The same for the values of the given keys, one number each."));
    }

    private static void Digest(HostContext context)
    {
        ContentDigest all = new();
        Span<byte> key = stackalloc byte[ContentDigest.SizeBytes];
        foreach (Database database in context.Server.Databases)
        {
            foreach (nint address in database.Keys)
            {
                Entry entry = new(address);
                OfKey(context.Server, database.Index, entry, key);
                all.Mix(key);
            }
        }

        context.Reply.SimpleString(all.Hexadecimal());
    }

    private static void DigestValue(HostContext context)
    {
        context.Reply.ArrayHeader(context.ArgumentCount - 2);
        for (int i = 2; i < context.ArgumentCount; i++)
        {
            ContentDigest digest = new();
            Entry entry = context.Database.Find(context.Argument(i)); // also when its time is over
            if (!entry.IsNull) FeedValue(context.Server, entry, digest);
            context.Reply.SimpleString(digest.Hexadecimal());
        }
    }

    private static void OfKey(Server server, int databaseIndex, Entry entry, Span<byte> into)
    {
        ContentDigest digest = new();
        Span<byte> index = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(index, databaseIndex);
        digest.AddOrdered(index);
        digest.AddOrdered(entry.Key);
        FeedValue(server, entry, digest);
        if (entry.HasExpiry) digest.AddOrdered("expires"u8);
        digest.Finish(into);
    }

    private static void FeedValue(Server server, Entry entry, ContentDigest digest)
    {
        DataType type = server.DataTypes.Of(entry);
        StoredValue value = DataTypeRegistry.ValueOf(entry);
        digest.AddOrdered(Encoding.UTF8.GetBytes(type.Name));
        type.Digest(in value, digest);
    }
}

/// <summary>Collects content into 20 bytes.</summary>
internal sealed class ContentDigest : IDigestSink
{
    public const int SizeBytes = SHA1.HashSizeInBytes;

    private readonly byte[] _chain = new byte[SizeBytes];
    private readonly byte[] _sum = new byte[SizeBytes];

    /// <inheritdoc/>
    public void AddUnordered(ReadOnlySpan<byte> element)
    {
        Span<byte> hash = stackalloc byte[SizeBytes];
        Hash(element, hash);
        Mix(hash);
    }

    /// <inheritdoc/>
    public void AddOrdered(ReadOnlySpan<byte> element)
    {
        Span<byte> both = stackalloc byte[SizeBytes * 2];
        _chain.CopyTo(both);
        Hash(element, both[SizeBytes..]);
        Hash(both, _chain);
    }

    /// <summary>Adds a digest whose order does not count.</summary>
    public void Mix(ReadOnlySpan<byte> digest)
    {
        for (int i = 0; i < SizeBytes; i++) _sum[i] ^= digest[i];
    }

    /// <summary>The digest of all that was added; zeros when that is nothing.</summary>
    public void Finish(Span<byte> into)
    {
        if (IsZero(_chain))
        {
            _sum.CopyTo(into);
            return;
        }

        AddOrdered(_sum);
        _chain.CopyTo(into);
    }

    /// <summary>The digest as 40 digits.</summary>
    public byte[] Hexadecimal()
    {
        Span<byte> digest = stackalloc byte[SizeBytes];
        Finish(digest);
        return Encoding.ASCII.GetBytes(Convert.ToHexStringLower(digest));
    }

    private static bool IsZero(ReadOnlySpan<byte> bytes) => bytes.IndexOfAnyExcept((byte)0) < 0;

#pragma warning disable CA5350 // 20 bytes are what the command replies; nothing is protected by them
    private static void Hash(ReadOnlySpan<byte> source, Span<byte> into) => SHA1.HashData(source, into);
#pragma warning restore CA5350
}

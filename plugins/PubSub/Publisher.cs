// Messages on their way to subscribers: put into RESP once, copied to each. The two versions of RESP differ in the first byte.
// Order: those who are subscribed to the channel, then those with patterns that fit. Command thread only.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.PubSub;

internal sealed class Publisher(IClients clients, Subscriptions subscriptions)
{
    private const int StackBytes = 1024;

    private static ReadOnlySpan<byte> MessageWord => "$7\r\nmessage\r\n"u8;

    private static ReadOnlySpan<byte> PatternMessageWord => "$8\r\npmessage\r\n"u8;

    private static ReadOnlySpan<byte> ShardMessageWord => "$8\r\nsmessage\r\n"u8;

    /// <summary>Nobody listens to any channel.</summary>
    public bool IsIdle => subscriptions[SubscriptionKind.Channel].Count == 0 && subscriptions[SubscriptionKind.Pattern].Count == 0;

    /// <summary>Sends a message to who is subscribed to the channel, or to a pattern that it fits; returns to how many.</summary>
    public int Publish(ReadOnlySpan<byte> channel, ReadOnlySpan<byte> message)
    {
        int receiverCount = PublishTo(SubscriptionKind.Channel, MessageWord, channel, message);
        if (subscriptions[SubscriptionKind.Pattern].Count > 0) receiverCount += PublishToPatterns(channel, message);
        return receiverCount;
    }

    /// <summary>Sends a message to who is subscribed to the shard channel; patterns do not see it.</summary>
    public int PublishToShard(ReadOnlySpan<byte> channel, ReadOnlySpan<byte> message) =>
        PublishTo(SubscriptionKind.ShardChannel, ShardMessageWord, channel, message);

    private int PublishTo(SubscriptionKind kind, ReadOnlySpan<byte> word, ReadOnlySpan<byte> channel, ReadOnlySpan<byte> message)
    {
        if (subscriptions[kind].Count == 0) return 0;
        NamedIds receivers = subscriptions[kind].Find(channel, KeyHash.Of(channel));
        if (receivers.IsNull) return 0;
        Send(receivers.Ids, word, hasPattern: false, pattern: default, channel, message);
        return receivers.Count;
    }

    private int PublishToPatterns(ReadOnlySpan<byte> channel, ReadOnlySpan<byte> message)
    {
        int receiverCount = 0;
        foreach (nint entry in subscriptions[SubscriptionKind.Pattern].Names)
        {
            NamedIds pattern = new(entry);
            if (!GlobPattern.Matches(pattern.Name, channel, ignoreCase: false)) continue;
            Send(pattern.Ids, PatternMessageWord, hasPattern: true, pattern.Name, channel, message);
            receiverCount += pattern.Count;
        }

        return receiverCount;
    }

    /// <param name="ids">Who gets it.</param>
    /// <param name="word">The kind of message, a bulk string already.</param>
    /// <param name="hasPattern">Whether the message tells a pattern.</param>
    /// <param name="pattern">What the channel fits.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="message">The message.</param>
    private void Send(
        ReadOnlySpan<long> ids, ReadOnlySpan<byte> word, bool hasPattern, ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> channel,
        ReadOnlySpan<byte> message)
    {
        int sizeMax = checked(RespText.HeaderSizeMax + word.Length + RespText.BulkSizeMax(pattern.Length)
            + RespText.BulkSizeMax(channel.Length) + RespText.BulkSizeMax(message.Length));
        NativeBuffer large = default;
        try
        {
            Span<byte> buffer = sizeMax <= StackBytes ? stackalloc byte[StackBytes] : large.Take(sizeMax);
            RespText text = new(buffer);
            text.Header((byte)'*', hasPattern ? 4 : 3);
            text.Raw(word);
            if (hasPattern) text.Bulk(pattern);
            text.Bulk(channel);
            text.Bulk(message);
            foreach (long id in ids)
            {
                IClient client = subscriptions.ById(id).Client;
                buffer[0] = client.ProtocolVersion == 3 ? (byte)'>' : (byte)'*';
                clients.Push(client, text.Written);
            }
        }
        finally
        {
            large.Dispose();
        }
    }
}

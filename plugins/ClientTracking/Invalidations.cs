// What a client is told when keys that it may have cached change: a push in RESP3; for an old client a message of the channel
// __redis__:invalidate, to another connection that it has named and that is subscribed.
//
// While writes are held back until they are durable, so are these messages: a client that was told too early would read the
// old value's successor from nobody. They are sent also when the writer is gone meanwhile, as its change is not.
// Command thread only.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.ClientTracking;

internal sealed class Invalidations(IClients clients, IDurabilityRegistry durability, ClientState<TrackedClient> state)
{
    private const int StackBytes = 512;

    private static ReadOnlySpan<byte> PushHead => ">2\r\n$10\r\ninvalidate\r\n"u8;

    private static ReadOnlySpan<byte> MessageHead => "*3\r\n$7\r\nmessage\r\n$20\r\n__redis__:invalidate\r\n"u8;

    /// <summary>A key that the client may have cached changed.</summary>
    public void KeyChanged(TrackedClient target, ReadOnlySpan<byte> key)
    {
        if (durability.HoldsBack) durability.Defer(new DeferredInvalidation(this, target.Client.Id, EncodeKey(key)));
        else SendKey(target, key);
    }

    /// <summary>A key is not remembered for the client any more.</summary>
    public void SendKey(TrackedClient target, ReadOnlySpan<byte> key)
    {
        int sizeMax = RespText.HeaderSizeMax + RespText.BulkSizeMax(key.Length);
        NativeBuffer large = default;
        try
        {
            RespText text = new(sizeMax <= StackBytes ? stackalloc byte[StackBytes] : large.Take(sizeMax));
            text.Header((byte)'*', 1);
            text.Bulk(key);
            Send(target, text.Written);
        }
        finally
        {
            large.Dispose();
        }
    }

    /// <summary>Keys changed: an array of bulk strings.</summary>
    public void KeysChanged(TrackedClient target, byte[] keys)
    {
        if (durability.HoldsBack) durability.Defer(new DeferredInvalidation(this, target.Client.Id, keys));
        else Send(target, keys);
    }

    /// <summary>Every key changed.</summary>
    public void AllChanged(TrackedClient target)
    {
        if (durability.HoldsBack) durability.Defer(new DeferredInvalidation(this, target.Client.Id, keys: null));
        else SendAll(target);
    }

    private static byte[] EncodeKey(ReadOnlySpan<byte> key)
    {
        byte[] bytes = new byte[RespText.HeaderSizeMax + RespText.BulkSizeMax(key.Length)];
        RespText text = new(bytes);
        text.Header((byte)'*', 1);
        text.Bulk(key);
        return text.Written.ToArray();
    }

    private void SendAll(TrackedClient target)
    {
        IClient receiver = target.RedirectId != 0 ? clients.Find(target.RedirectId) ?? target.Client : target.Client;
        Send(target, receiver.ProtocolVersion == 3 ? "_\r\n"u8 : "$-1\r\n"u8);
    }

    /// <summary>Sends the message with this value to the client, or to whom it has named.</summary>
    private void Send(TrackedClient target, ReadOnlySpan<byte> value)
    {
        IClient receiver = target.Client;
        if (target.RedirectId != 0)
        {
            if (clients.Find(target.RedirectId) is not { IsClosing: false } redirected)
            {
                TellBrokenRedirection(target);
                return;
            }

            receiver = redirected;
        }

        if (receiver.ProtocolVersion == 3) SendWithHead(receiver, PushHead, value);
        else if (target.RedirectId != 0 && receiver.IsSubscriber) SendWithHead(receiver, MessageHead, value);
        // An old client cannot be sent anything between its replies.
    }

    private void SendWithHead(IClient receiver, ReadOnlySpan<byte> head, ReadOnlySpan<byte> value)
    {
        int size = head.Length + value.Length;
        NativeBuffer large = default;
        try
        {
            RespText text = new(size <= StackBytes ? stackalloc byte[StackBytes] : large.Take(size));
            text.Raw(head);
            text.Raw(value);
            clients.Push(receiver, text.Written);
        }
        finally
        {
            large.Dispose();
        }
    }

    private void TellBrokenRedirection(TrackedClient target)
    {
        target.IsRedirectionBroken = true;
        clients.SetTracking(target.Client, target.Summary);
        if (target.Client.ProtocolVersion != 3) return;
        RespText text = new(stackalloc byte[StackBytes]);
        text.Raw(">2\r\n$21\r\ntracking-redir-broken\r\n"u8);
        text.Header((byte)':', target.RedirectId);
        clients.Push(target.Client, text.Written);
    }

    /// <summary>A message that waits until the change is durable.</summary>
    private sealed class DeferredInvalidation(Invalidations owner, long clientId, byte[]? keys) : PostCommitTask
    {
        public override void Run() => owner.SendDeferred(clientId, keys);

        public override bool OutlivesClient => true;

        public override void Drop() => Run(); // the change is still there, and what is cached is still old
    }

    private void SendDeferred(long clientId, byte[]? keys)
    {
        if (clients.Find(clientId) is not { IsClosing: false } client || state.Of(client) is not { } target) return;
        if (keys is null) SendAll(target);
        else Send(target, keys);
    }
}

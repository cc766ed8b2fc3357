// Clients as plugins reach them. What is written to a client in the middle of its own request follows that request's reply.
// Command thread only.

using System.Runtime.CompilerServices;
using Valkey.Abstractions;

namespace Valkey.Host.Clients;

internal sealed class ClientRegistry(Server server) : IClients
{
    /// <inheritdoc/>
    public IClient? Current => server.Dispatcher.RequestClient;

    /// <inheritdoc/>
    public IClient? Find(long id) => server.Clients.Find(id);

    /// <inheritdoc/>
    public void Push(IClient client, ReadOnlySpan<byte> resp)
    {
        Client target = Unsafe.As<Client>(client);
        if (target.IsClosing || target.Connection is null) return;
        if (target.Has(ClientFlags.Executing) || target.Blocked is ParkedReply)
        {
            (target.PendingPushes ??= new OutputBuffer()).Append(resp);
            return;
        }

        target.Output.Append(resp);
        server.Sender.NotePush(target, resp.Length);
        if (server.ClientMemory.IsLimited) server.ClientMemory.Update(target);
    }

    /// <inheritdoc/>
    public ClientState<T> AddState<T>(Action<IClient, T> ended)
        where T : class
    {
        _ = server.ClientStates.Add(ended, out ClientState<T> state);
        return state;
    }

    /// <inheritdoc/>
    public void SetSubscriptions(IClient client, in ClientSubscriptions subscriptions)
    {
        Client target = (Client)client;
        target.Subscriptions = subscriptions;
        target.Set(ClientFlags.PubSub, subscriptions.Count > 0);
        if (server.ClientMemory.IsLimited) server.ClientMemory.Update(target);
    }

    /// <inheritdoc/>
    public void SetTracking(IClient client, in ClientTracking tracking)
    {
        Client target = (Client)client;
        target.Tracking = tracking;
        target.Set(ClientFlags.Tracking, (tracking.Marks & TrackingMarks.On) != 0);
        if (server.ClientMemory.IsLimited) server.ClientMemory.Update(target);
    }

    /// <inheritdoc/>
    public IHeldReply? HoldReply() => server.HeldReplies.Hold();
}

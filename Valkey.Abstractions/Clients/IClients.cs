// How a plugin reaches clients beside the one whose command it runs: finds them, sends them what they did not ask for, keeps
// something about each, and hears when one ends.

namespace Valkey.Abstractions;

/// <summary>The server's clients. Command thread only.</summary>
public interface IClients
{
    /// <summary>The client whose request is being executed; null outside of one. Calls of plugins do not change it.</summary>
    IClient? Current { get; }

    /// <summary>The client with that id, or null.</summary>
    IClient? Find(long id);

    /// <summary>
    /// Sends a client something that is no answer to a request of its own: RESP in the client's version
    /// (<see cref="IClient.ProtocolVersion"/>). When the client is in the middle of a request it follows that request's reply,
    /// and CLIENT REPLY does not hold it back. The bytes are copied; a client that is being closed gets nothing.
    /// </summary>
    void Push(IClient client, ReadOnlySpan<byte> resp);

    /// <summary>A place for one object of the plugin's with each client.</summary>
    /// <param name="ended">
    /// Called when a client that has such an object is gone or begins anew (RESET). The object is forgotten then; the client may
    /// be named in calls until this one returns. Clients that are there when the plugin is unloaded end in the same way.
    /// </param>
    ClientState<T> AddState<T>(Action<IClient, T> ended)
        where T : class;

    /// <summary>Says how much a client is subscribed to. A subscriber that speaks RESP2 may only run commands about subscribing.</summary>
    void SetSubscriptions(IClient client, in ClientSubscriptions subscriptions);

    /// <summary>Says how a client follows keys.</summary>
    void SetTracking(IClient client, in ClientTracking tracking);

    /// <summary>
    /// Parks the reply of the request that is being executed: it stays complete and its client waits until the result is
    /// released. For those who hear of a change (<see cref="IKeyspaceEvents"/>) and have something to do before the client may
    /// learn that it happened. Each call has to be released; the change itself is not taken back by anything.
    /// </summary>
    /// <returns>Null when no client waits for a reply: outside of a request, or in one of the server's own.</returns>
    IHeldReply? HoldReply();
}

/// <summary>A reply that is parked. Released for the plugin when it is unloaded.</summary>
public interface IHeldReply
{
    /// <summary>The client goes on, once all who hold its reply have released it. Command thread; more than once is once.</summary>
    void Release();
}

/// <summary>Where a plugin keeps one object per client; see <see cref="IClients.AddState"/>. Command thread only.</summary>
public abstract class ClientState<T>
    where T : class
{
    /// <summary>The object of a client; null when none was set.</summary>
    public abstract T? Of(IClient client);

    /// <summary>Sets or, with null, forgets a client's object.</summary>
    public abstract void Set(IClient client, T? state);
}

// Clients without a server: what is pushed to them is kept.

using Valkey.Abstractions;

namespace Valkey.PubSub.Tests;

internal sealed class FakeClient(long id, int protocolVersion) : IClient
{
    public long Id => id;

    public string Name => "";

    public int ProtocolVersion => protocolVersion;

    public string UserName => "default";

    public string Address => "";

    public bool IsLocal => true;

    public bool DeniesBlocking => false;

    public bool IsExecutingTransaction => false;

    public bool IsSubscriber => Subscriptions.Count > 0;

    public bool IsClosing => false;

    public ClientSubscriptions Subscriptions { get; set; }

    public List<string> Received { get; } = [];

    public object? State { get; set; }
}

internal sealed class FakeClients : IClients
{
    private Action<IClient>? _ended;

    public IClient? Current => null;

    public IClient? Find(long id) => null;

    public void Push(IClient client, ReadOnlySpan<byte> resp) =>
        ((FakeClient)client).Received.Add(System.Text.Encoding.Latin1.GetString(resp));

    public ClientState<T> AddState<T>(Action<IClient, T> ended)
        where T : class
    {
        _ended = client => ended(client, (T)((FakeClient)client).State!);
        return new FakeState<T>();
    }

    public void SetSubscriptions(IClient client, in ClientSubscriptions subscriptions) =>
        ((FakeClient)client).Subscriptions = subscriptions;

    public void SetTracking(IClient client, in ClientTracking tracking) => throw new NotSupportedException();

    public IHeldReply? HoldReply() => null;

    public void End(FakeClient client)
    {
        if (client.State is not null) _ended!(client);
        client.State = null;
    }

    private sealed class FakeState<T> : ClientState<T>
        where T : class
    {
        public override T? Of(IClient client) => (T?)((FakeClient)client).State;

        public override void Set(IClient client, T? state) => ((FakeClient)client).State = state;
    }
}

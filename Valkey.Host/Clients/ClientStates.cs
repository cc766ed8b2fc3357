// What plugins keep about clients: for each plugin that asked, one place in an array that a client gets with the first object.
// Holds always: an object is in its place until its client ends, begins anew, or the plugin leaves; whichever comes first
// tells the plugin, once. Command thread only.

using System.Runtime.CompilerServices;
using Valkey.Abstractions;
using Valkey.Host.Commands;

namespace Valkey.Host.Clients;

internal sealed class ClientStates(Server server)
{
    private readonly List<Place?> _places = [];

    /// <summary>A new place; disposing the result ends the states that are in it.</summary>
    public IDisposable Add<T>(Action<IClient, T> ended, out ClientState<T> state)
        where T : class
    {
        int index = _places.IndexOf(null);
        if (index < 0)
        {
            index = _places.Count;
            _places.Add(null);
        }

        Place<T> place = new(index, ended);
        _places[index] = place;
        state = place.State;
        return new Registration(() => Remove(index));
    }

    /// <summary>A client is gone or begins anew.</summary>
    public void End(Client client)
    {
        if (client.PluginStates is null) return;
        for (int i = 0; i < _places.Count; i++) End(client, i);
    }

    private void Remove(int index)
    {
        foreach (Client client in server.Clients.All) End(client, index);
        _places[index] = null;
    }

    private void End(Client client, int index)
    {
        if (client.PluginStates is not { } states || index >= states.Length || states[index] is not { } state) return;
        states[index] = null;
        _places[index]?.Ended(client, state);
    }

    private abstract class Place
    {
        public abstract void Ended(Client client, object state);
    }

    private sealed class Place<T>(int index, Action<IClient, T> ended) : Place
        where T : class
    {
        public ClientState<T> State { get; } = new HostState<T>(index);

        public override void Ended(Client client, object state) => ended(client, (T)state);
    }

    private sealed class HostState<T>(int index) : ClientState<T>
        where T : class
    {
        public override T? Of(IClient client)
        {
            object?[]? states = Unsafe.As<Client>(client).PluginStates;
            return states is not null && index < states.Length ? (T?)states[index] : null;
        }

        public override void Set(IClient client, T? state)
        {
            Client target = (Client)client;
            if (target.IsClosed && state is not null) throw new InvalidOperationException("The client is gone.");
            if (target.PluginStates is null || index >= target.PluginStates.Length)
            {
                if (state is null) return;
                Array.Resize(ref target.PluginStates, index + 1);
            }

            target.PluginStates[index] = state;
        }
    }
}

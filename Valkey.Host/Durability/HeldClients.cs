// The clients whose output waits for durability: who they are, how many bytes that is, and whose requests are not read
// meanwhile because it is too many.
//
// The offset that a client waits for next stands beside it in one array, so that an advance of the committed offset goes through
// consecutive memory and touches only clients that have something to send.
// Holds always: a client is in the list exactly while its output has a boundary; the total is the sum of what was counted for
// each. Nobody is disconnected for what waits here. Command thread only.

using Valkey.Host.Clients;

namespace Valkey.Host.Durability;

internal sealed class HeldClients(Server server)
{
    private const int LowWaterDivisor = 2; // reading goes on when half of what was too much is gone
    private const int TaskBytes = 256; // what a waiting task is taken to cost: its object, its message, its place

    private readonly List<Client> _suspended = [];
    private (long FirstOffset, Client Client)[] _held = new (long, Client)[64];

    /// <summary>Clients that wait.</summary>
    public int Count { get; private set; }

    /// <summary>Clients whose requests are not read for now.</summary>
    public int SuspendedCount => _suspended.Count;

    /// <summary>Bytes that wait, of all clients.</summary>
    public long TotalBytes { get; private set; }

    /// <summary>What a client has in its output since a position waits for an offset; false when it has nothing.</summary>
    public bool Hold(Client client, long position, long offset)
    {
        if (client.Connection is null || client.IsClosed || !client.Output.HoldFrom(position, offset)) return false;
        if (client.HeldIndex < 0) Add(client);
        return true;
    }

    /// <summary>Counts what a client has waiting, after its command; too much of it, and it is not read any more.</summary>
    public void Recount(Client client, int taskCount)
    {
        if (client.HeldIndex < 0) return;
        CountBytes(client);
        DurabilityOptions options = server.Options.Durability;
        bool isOver = client.CountedHeldBytes > options.ClientBytesMax.Value
            || TotalBytes + ((long)taskCount * TaskBytes) > options.TotalBytesMax.Value;
        if (isOver) Suspend(client);
    }

    /// <summary>Everything up to an offset is durable: sends what waited for no more.</summary>
    public void Release(long committedOffset, int taskCount)
    {
        for (int i = Count - 1; i >= 0; i--)
        {
            if (_held[i].FirstOffset <= committedOffset) Release(i, committedOffset);
        }

        if (_suspended.Count > 0) ResumeDrained(taskCount);
    }

    /// <summary>The client goes away.</summary>
    public void Forget(Client client)
    {
        if (client.HeldIndex >= 0) Remove(client.HeldIndex);
        if (!client.Has(ClientFlags.ReadingSuspended)) return;
        client.Clear(ClientFlags.ReadingSuspended);
        _suspended.Remove(client);
    }

    /// <summary>What waits will never be durable: its clients are closed, and nothing of it is sent.</summary>
    /// <returns>How many clients that were.</returns>
    public int CloseAll()
    {
        int count = Count;
        for (int i = Count - 1; i >= 0; i--) server.Clients.FreeLater(_held[i].Client);
        return count;
    }

    private void Add(Client client)
    {
        if (Count == _held.Length) Array.Resize(ref _held, Count * 2);
        client.HeldIndex = Count;
        _held[Count++] = (client.Output.FirstHeldOffset, client);
    }

    private void Release(int index, long committedOffset)
    {
        Client client = _held[index].Client;
        bool released = client.Output.Release(committedOffset);
        if (client.Output.IsHeld)
        {
            _held[index].FirstOffset = client.Output.FirstHeldOffset;
            CountBytes(client);
        }
        else
        {
            Remove(index);
        }

        if (released) server.Sender.NoteReleased(client);
    }

    private void Remove(int index)
    {
        Client client = _held[index].Client;
        TotalBytes -= client.CountedHeldBytes;
        client.CountedHeldBytes = 0;
        client.HeldIndex = -1;
        _held[index] = _held[--Count];
        if (index < Count) _held[index].Client.HeldIndex = index;
        _held[Count] = default;
    }

    private void CountBytes(Client client)
    {
        long bytes = client.Output.HeldBytes;
        TotalBytes += bytes - client.CountedHeldBytes;
        client.CountedHeldBytes = bytes;
    }

    private void Suspend(Client client)
    {
        if (client.Has(ClientFlags.ReadingSuspended)) return;
        client.Set(ClientFlags.ReadingSuspended);
        _suspended.Add(client);
        server.Clients.UpdateInterest(client);
    }

    private void ResumeDrained(int taskCount)
    {
        DurabilityOptions options = server.Options.Durability;
        if (TotalBytes + ((long)taskCount * TaskBytes) > options.TotalBytesMax.Value / LowWaterDivisor) return;
        for (int i = _suspended.Count - 1; i >= 0; i--)
        {
            Client client = _suspended[i];
            if (client.CountedHeldBytes > options.ClientBytesMax.Value / LowWaterDivisor) continue;
            _suspended.RemoveAt(i);
            client.Clear(ClientFlags.ReadingSuspended);
            server.Clients.UpdateInterest(client);
            server.Clients.Resume(client);
        }
    }
}

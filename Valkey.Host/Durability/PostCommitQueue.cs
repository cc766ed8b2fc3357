// Tasks that wait until what was done before them is durable: messages of key events, invalidations, whatever a plugin deferred.
//
// A task belongs to the client whose command made it; when that client goes first, the task is dropped unless it says that it
// outlives its client. While the command runs the task has no offset yet; it is settled when the outermost command has ended.
// Holds always: tasks run in the order in which they came, each once, or are dropped, once. Command thread only.

using Valkey.Abstractions;
using Valkey.Host.Clients;

namespace Valkey.Host.Durability;

internal sealed class PostCommitQueue(Action<PostCommitTask, Exception> failed)
{
    private const int SmallestCapacity = 16;
    private const int KeptCapacityMax = 4096;

    private Item[] _ring = new Item[SmallestCapacity];
    private int _first;
    private int _unsettledCount;

    /// <summary>Tasks that wait, those of clients that went included.</summary>
    public int Count { get; private set; }

    /// <summary>There are tasks without an offset.</summary>
    public bool HasUnsettled => _unsettledCount > 0;

    /// <summary>Adds a task behind all others.</summary>
    public void Add(PostCommitTask task, Client? client)
    {
        if (Count == _ring.Length) Resize(Count * 2);
        At(Count) = new Item(task, client, long.MaxValue);
        Count++;
        _unsettledCount++;
        if (client is not null) client.PostCommitTaskCount++;
    }

    /// <summary>What came since the last call is due at this offset.</summary>
    public void Settle(long offset)
    {
        for (; _unsettledCount > 0; _unsettledCount--)
        {
            ref Item item = ref At(Count - _unsettledCount);
            item = item with { Offset = offset };
        }
    }

    /// <summary>Runs what is due. A task may add others; they wait for their own turn.</summary>
    public void RunUpTo(long committedOffset)
    {
        while (Count > 0 && At(0).Offset <= committedOffset)
        {
            if (Take().Task is { } task) Guard(task, drops: false);
        }
    }

    /// <summary>A client goes away, and its tasks with it.</summary>
    public void DropOf(Client client)
    {
        for (int i = 0; i < Count && client.PostCommitTaskCount > 0; i++)
        {
            ref Item item = ref At(i);
            if (item.Client != client) continue;
            client.PostCommitTaskCount--;
            PostCommitTask task = item.Task!;
            item = item with { Client = null, Task = task.OutlivesClient ? task : null };
            if (!task.OutlivesClient) Guard(task, drops: true);
        }
    }

    /// <summary>Durability was given up: no task will run.</summary>
    public void DropAll()
    {
        while (Count > 0)
        {
            if (Take().Task is { } task) Guard(task, drops: true);
        }

        _unsettledCount = 0;
    }

    private Item Take()
    {
        Item item = At(0);
        At(0) = default;
        _first = (_first + 1) & (_ring.Length - 1);
        Count--;
        if (item.Client is not null) item.Client.PostCommitTaskCount--;
        if (Count == 0 && _ring.Length > KeptCapacityMax) Resize(SmallestCapacity);
        return item;
    }

    private void Guard(PostCommitTask task, bool drops)
    {
        try
        {
            if (drops) task.Drop();
            else task.Run();
        }
        catch (Exception exception)
        {
            failed(task, exception);
        }
    }

    private ref Item At(int index) => ref _ring[(_first + index) & (_ring.Length - 1)];

    private void Resize(int capacity)
    {
        Item[] ring = new Item[capacity];
        for (int i = 0; i < Count; i++) ring[i] = At(i);
        _ring = ring;
        _first = 0;
    }

    private readonly record struct Item(PostCommitTask? Task, Client? Client, long Offset);
}

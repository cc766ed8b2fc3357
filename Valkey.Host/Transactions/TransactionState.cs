// What a client has queued between MULTI and EXEC, and what it watches.

using Valkey.Abstractions;
using Valkey.Host.Commands;
using Valkey.Structures;

namespace Valkey.Host.Transactions;

/// <summary>A command waiting for EXEC: its arguments in one native block, the slices first.</summary>
internal sealed unsafe class QueuedCommand
{
    private readonly nuint _sizeBytes;

    public QueuedCommand(Command command, ArgumentSlice* slices, int count)
    {
        Command = command;
        Count = count;
        nuint size = (nuint)count * (nuint)sizeof(ArgumentSlice);
        for (int i = 0; i < count; i++)
        {
            size += (nuint)slices[i].Length;
            ArgumentBytes += slices[i].Length;
        }

        _sizeBytes = Math.Max(size, 1);
        Slices = (ArgumentSlice*)NativeHeap.Allocate(_sizeBytes);
        byte* bytes = (byte*)(Slices + count);
        for (int i = 0; i < count; i++)
        {
            Slices[i] = new ArgumentSlice { Start = bytes, Length = slices[i].Length };
            Buffer.MemoryCopy(slices[i].Start, bytes, slices[i].Length, slices[i].Length);
            bytes += slices[i].Length;
        }
    }

    public Command Command { get; }

    public ArgumentSlice* Slices { get; }

    public int Count { get; }

    public long ArgumentBytes { get; }

    public void Free() => NativeHeap.Free((nint)Slices, _sizeBytes);
}

internal sealed class TransactionState
{
    private const int KeptQueueMax = 1024;
    private const int QueuedObjectBytes = 64; // a QueuedCommand and its place in the list
    private const int WatchedObjectBytes = 72; // a WatchedKey and its places in two lists

    /// <summary>Between MULTI and the end of EXEC.</summary>
    public bool IsOpen;

    /// <summary>A queued command was refused: EXEC will be too.</summary>
    public bool IsFaulty;

    /// <summary>A watched key changed: EXEC answers null.</summary>
    public bool IsStale;

    /// <summary>Flags that some queued command has.</summary>
    public CommandFlags QueuedFlags;

    /// <summary>Bytes of the queued arguments, their slices included: <c>multi-mem</c>.</summary>
    public long ArgumentBytes;

    public readonly List<QueuedCommand> Queue = [];

    public readonly List<WatchedKey> Watched = [];

    /// <summary>Memory that queue and watched keys take.</summary>
    public long MemoryBytes => ArgumentBytes + (Queue.Count * QueuedObjectBytes) + (Watched.Count * WatchedObjectBytes);

    /// <summary>Keeps a command for EXEC; not when EXEC will fail anyway.</summary>
    public unsafe void Enqueue(Command command, ArgumentSlice* slices, int count)
    {
        if (IsFaulty || IsStale) return;
        QueuedCommand queued = new(command, slices, count);
        Queue.Add(queued);
        ArgumentBytes += queued.ArgumentBytes + (count * sizeof(ArgumentSlice));
        QueuedFlags |= command.Flags;
    }

    /// <summary>EXEC will be refused: what is queued is not needed any more.</summary>
    public void Fail()
    {
        IsFaulty = true;
        DropQueue();
    }

    /// <summary>Forgets what is queued, not that there is a transaction.</summary>
    public void DropQueue()
    {
        foreach (QueuedCommand command in Queue) command.Free();
        Queue.Clear();
        if (Queue.Capacity > KeptQueueMax) Queue.Capacity = 0;
        ArgumentBytes = 0;
        QueuedFlags = CommandFlags.None;
    }

    /// <summary>Nothing is watched any more; the watchers' side has been told.</summary>
    public void ForgetWatched()
    {
        Watched.Clear();
        if (Watched.Capacity > KeptQueueMax) Watched.Capacity = 0;
    }

    /// <summary>Forgets the queue and the flags; what is watched is the business of <see cref="WatchService"/>.</summary>
    public void Reset()
    {
        DropQueue();
        IsOpen = IsFaulty = IsStale = false;
    }
}

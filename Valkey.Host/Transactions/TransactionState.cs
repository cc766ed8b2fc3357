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
    /// <summary>Between MULTI and EXEC.</summary>
    public bool IsOpen;

    /// <summary>A queued command was refused: EXEC will be too.</summary>
    public bool IsFaulty;

    /// <summary>A watched key changed: EXEC answers null.</summary>
    public bool IsStale;

    /// <summary>Flags of all queued commands.</summary>
    public CommandFlags QueuedFlags;

    public long ArgumentBytes;

    public readonly List<QueuedCommand> Queue = [];

    public readonly List<WatchedKey> Watched = [];

    /// <summary>Memory that the queue takes.</summary>
    public long MemoryBytes => ArgumentBytes + (Queue.Count * 64L);

    public void Enqueue(QueuedCommand command)
    {
        Queue.Add(command);
        ArgumentBytes += command.ArgumentBytes;
        QueuedFlags |= command.Command.Flags;
    }

    /// <summary>Forgets the queue and the flags; what is watched is the business of <see cref="WatchTable"/>.</summary>
    public void Reset()
    {
        foreach (QueuedCommand command in Queue) command.Free();
        Queue.Clear();
        ArgumentBytes = 0;
        QueuedFlags = CommandFlags.None;
        IsOpen = IsFaulty = IsStale = false;
    }
}

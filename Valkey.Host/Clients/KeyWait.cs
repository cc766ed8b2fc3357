// One client that waits for keys, with its command's arguments; and its place in the line of each of these keys.

using Valkey.Abstractions;
using Valkey.Host.Transactions;

namespace Valkey.Host.Clients;

/// <summary>A client's place in the line of one key.</summary>
internal sealed class WaitingPlace(KeyWait wait, KeyLine line)
{
    public KeyWait Wait { get; } = wait;

    /// <summary>The line it stands in; null once it has left.</summary>
    public KeyLine? Line { get; set; } = line;

    public WaitingPlace? Previous { get; set; }

    public WaitingPlace? Next { get; set; }
}

/// <summary>A client that waits until one of its keys comes into being.</summary>
internal sealed class KeyWait(Client client, int databaseIndex, QueuedCommand request, in BlockingWait wait, long order) : BlockedState
{
    private const int ObjectBytes = 240; // this, the copied request's object and the deadline
    private const int PlaceBytes = 64;

    private readonly bool _endsWhenKeyGoes = wait.EndsWhenKeyGoes;
    private readonly List<WaitingPlace> _places = new(wait.KeyCount);

    /// <summary>Who waits.</summary>
    public Client Client { get; } = client;

    /// <summary>The database of the keys.</summary>
    public int DatabaseIndex { get; } = databaseIndex;

    /// <summary>Counts up: who came first has the smallest.</summary>
    public long Order { get; } = order;

    /// <summary>The command is also run again when a key goes.</summary>
    public bool EndsWhenKeyGoes => _endsWhenKeyGoes;

    /// <inheritdoc/>
    public override QueuedCommand Request => request;

    /// <inheritdoc/>
    public override long MemoryBytes => ObjectBytes + (_places.Count * (long)PlaceBytes);

    /// <inheritdoc/>
    public override long SeenOffset(Durability.UncommittedKeys keys)
    {
        long offset = 0;
        foreach (WaitingPlace place in _places) offset = Math.Max(offset, keys.OffsetOf(DatabaseIndex, place.Line!.Hash));
        return offset;
    }

    /// <summary>It stands in the line of one more key.</summary>
    public void Add(WaitingPlace place) => _places.Add(place);

    /// <inheritdoc/>
    /// <remarks>Also for commands that answer Null where they cannot wait: that is what clients of Valkey see.</remarks>
    public override void OnTimeout(ReplyWriter reply) => reply.NullArray();

    /// <inheritdoc/>
    public override void OnEnded(Client client)
    {
        foreach (WaitingPlace place in _places) place.Line!.Leave(place);
        _places.Clear();
        request.Free();
    }
}

// Blocking on keys (BLPOP and its relatives, and commands of modules): a command that found nothing is kept with its
// arguments and run again when one of its keys comes into being.
//
// While a command runs, keys that come into being are only noted. When the outermost one has ended, its propagation included,
// the noted keys are gone through in the order in which they were noted, and for each the clients that wait for it, in the
// order in which they came. To serve a client is to run its command again, as if it had just arrived. It may make further keys
// ready (BLMOVE): they are noted in their turn and gone through in the same round.
// Holds always: a client that is run again and still finds nothing keeps its place and its deadline; a client is served at most
// once for one time that a key was noted, so a round ends. Command thread only.

using Valkey.Abstractions;
using Valkey.Host.Commands;
using Valkey.Host.Keyspace;
using Valkey.Host.Transactions;
using Valkey.Structures;

namespace Valkey.Host.Clients;

internal sealed unsafe class KeyWaits(Server server)
{
    private readonly Queue<KeyLine> _ready = new();
    private readonly List<KeyLine> _held = []; // ready, while a pause keeps a client from being served
    private KeyWait? _serving;
    private KeyLine? _servingLine;
    private bool _isServing;
    private long _lastOrder;

    /// <summary>Some key is ready.</summary>
    public bool HasReady => _ready.Count > 0;

    /// <summary>Number of keys that somebody waits for.</summary>
    public int KeyCount
    {
        get
        {
            int count = 0;
            foreach (Database database in server.Databases) count += database.Waits.KeyCount;
            return count;
        }
    }

    /// <summary>Number of keys of which somebody waits for their end.</summary>
    public int GoesKeyCount
    {
        get
        {
            int count = 0;
            foreach (Database database in server.Databases) count += database.Waits.GoesKeyCount;
            return count;
        }
    }

    /// <summary>The running command's client waits. One that is being served goes on with the wait that it had.</summary>
    public void Block(Client client, Command command, CommandArguments arguments, ArgumentSlice* slices, in BlockingWait wait)
    {
        if (_serving is not null && _serving.Client == client)
        {
            client.Blocked = _serving;
            return;
        }

        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(wait.KeyCount);
        ArgumentOutOfRangeException.ThrowIfNegative(wait.TimeoutMs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(wait.FirstKey);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(wait.FirstKey, arguments.Count - wait.KeyCount);
        KeyWait added = new(client, client.DatabaseIndex, new QueuedCommand(command, slices, arguments.Count), in wait, ++_lastOrder)
        {
            DeadlineUnixMs = Deadline(wait.TimeoutMs),
        };
        KeyWaitTable table = server.Databases[client.DatabaseIndex].Waits;
        for (int i = 0; i < wait.KeyCount; i++) table.Enter(this, added, arguments[wait.FirstKey + i]);
        server.Blocked.Block(client, added);
    }

    /// <summary>
    /// A client that is being served found that the key for which it was woken holds another type: it goes on waiting. False
    /// when the error is to be told, because it concerns another key or because the client waits for just that.
    /// </summary>
    public bool StaysWaiting(Client client, ReadOnlySpan<byte> key)
    {
        if (_serving is not { EndsWhenKeyGoes: false } wait || wait.Client != client) return false;
        if (!key.SequenceEqual(_servingLine!.Key)) return false;
        client.Blocked = wait;
        return true;
    }

    /// <summary>Who stands in this line is to be served when the running command has ended.</summary>
    public void Signal(KeyLine line)
    {
        if (line.IsReady) return;
        line.IsReady = true;
        _ready.Enqueue(line);
        server.Dispatcher.NoteWait();
    }

    /// <summary>A pause has ended or become milder: what it held back is ready again.</summary>
    public void Retry()
    {
        foreach (KeyLine line in _held)
        {
            if (line.Count > 0) Signal(line);
        }

        _held.Clear();
    }

    /// <summary>Serves whoever can be served; for no longer than there is something new.</summary>
    public void Serve()
    {
        if (_isServing) return;
        _isServing = true;
        try
        {
            while (_ready.TryDequeue(out KeyLine? line))
            {
                line.IsReady = false;
                Serve(line);
            }
        }
        finally
        {
            _isServing = false;
        }
    }

    private void Serve(KeyLine line)
    {
        int countMax = line.Count; // who waits again stands before those who came later, and is not asked twice
        WaitingPlace? place = line.First;
        while (place is not null && countMax-- > 0)
        {
            bool isThere = IsThere(line);
            if (!isThere && line.GoesCount == 0) return;
            long order = place.Wait.Order;
            if (isThere || place.Wait.EndsWhenKeyGoes) Serve(line, place.Wait);
            place = line.After(place, order);
        }
    }

    private void Serve(KeyLine line, KeyWait wait)
    {
        Client client = wait.Client;
        if (client.IsClosed || client.Has(ClientFlags.CloseAsap)) return;
        if (server.Pause.WouldDelay(client, wait.Command!))
        {
            if (!_held.Contains(line)) _held.Add(line);
            return;
        }

        _serving = wait;
        _servingLine = line;
        client.Blocked = null;
        try
        {
            server.Dispatcher.ProcessAgain(client, wait);
        }
        finally
        {
            _serving = null;
            _servingLine = null;
            if (client.Blocked is null) server.Blocked.Release(client, wait);
        }
    }

    private bool IsThere(KeyLine line)
    {
        Entry entry = line.Database.Find(line.Key, line.Hash);
        return !entry.IsNull && !server.Lookup.IsExpired(entry);
    }

    private long Deadline(long timeoutMs)
    {
        if (timeoutMs == 0) return 0;
        long nowUnixMs = server.Clock.UnixMs;
        return timeoutMs > long.MaxValue - nowUnixMs ? long.MaxValue : nowUnixMs + timeoutMs;
    }
}

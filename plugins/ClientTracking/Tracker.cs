// Client-side caching: who tracks keys, what they have read, and what they are told.
//
// A client in the default mode is remembered with each key that its commands read, once: the first change tells it and forgets
// the pair. The table has a limit; beyond it keys are forgotten, which their readers are told as if they had changed.
// Holds always: the server reports reads and changes to us exactly while a client tracks, so that nobody pays for it else.
// Source: https://valkey.io/topics/client-side-caching/ Command thread only.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.ClientTracking;

internal sealed class Tracker : KeyAccessObserver
{
    private const int EvictionEffort = 100;
    private const int FreeInBackgroundMin = 1000;

    private readonly IPluginContext _context;
    private readonly ClientState<TrackedClient> _state;
    private readonly Invalidations _invalidations;
    private readonly KeyTable _keys = new();
    private readonly List<TrackedClient> _clients = [];
    private IDisposable? _observation;
    private int _roundsOverLimit;

    public Tracker(IPluginContext context)
    {
        _context = context;
        _state = context.Clients.AddState<TrackedClient>((_, tracked) => Forget(tracked));
        _invalidations = new Invalidations(context.Clients, context.Durability, _state);
        Broadcasts = new Broadcasts(_invalidations);
    }

    /// <summary>tracking-table-max-keys; 0 for no limit.</summary>
    public IntegerOption KeyCountMax { get; } = new("tracking-table-max-keys", 1_000_000, 0, long.MaxValue);

    /// <summary>The clients with prefixes.</summary>
    public Broadcasts Broadcasts { get; }

    /// <summary>Keys that are remembered.</summary>
    public long KeyCount => _keys.Count;

    /// <summary>Readers of keys that are remembered.</summary>
    public long ItemCount => _keys.ItemCount;

    /// <summary>How a client tracks; null when it does not.</summary>
    public TrackedClient? Of(IClient client) => _state.Of(client);

    /// <summary>Whether there is a client with that id.</summary>
    public bool Exists(long clientId) => _context.Clients.Find(clientId) is not null;

    /// <summary>A client tracks from now on, or in another way than before.</summary>
    public void Enable(IClient client, TrackingModes modes, long redirectId, List<byte[]> prefixes)
    {
        TrackedClient? tracked = _state.Of(client);
        if (tracked is null)
        {
            tracked = new TrackedClient(client);
            _state.Set(client, tracked);
            _clients.Add(tracked);
            _observation ??= _context.Events.Observe(this);
        }

        tracked.Modes = modes;
        tracked.RedirectId = redirectId;
        tracked.IsRedirectionBroken = false;
        if (tracked.Has(TrackingModes.Broadcast))
        {
            if (prefixes.Count == 0) Broadcasts.Add(tracked, []);
            foreach (byte[] prefix in prefixes) Broadcasts.Add(tracked, prefix);
        }

        _context.Clients.SetTracking(client, tracked.Summary);
    }

    /// <summary>A client tracks no more.</summary>
    public void Disable(IClient client)
    {
        if (_state.Of(client) is not { } tracked) return;
        _state.Set(client, null);
        Forget(tracked);
    }

    /// <inheritdoc/>
    public override void KeyRead(IClient client, ReadOnlySpan<byte> key)
    {
        if (_state.Of(client) is { WantsReads: true }) _keys.Add(key, client.Id);
    }

    /// <inheritdoc/>
    public override void KeyChanged(int databaseIndex, ReadOnlySpan<byte> key)
    {
        IClient? changedBy = _context.Clients.Current;
        if (Broadcasts.PrefixCount > 0) Broadcasts.KeyChanged(key, changedBy?.Id ?? 0);
        NamedIds readers = _keys.Take(key);
        if (readers.IsNull) return;
        foreach (long id in readers.Ids)
        {
            if (ReaderOf(id) is not { } tracked) continue;
            if (tracked.Has(TrackingModes.NoLoop) && tracked.Client == changedBy) continue;
            _invalidations.KeyChanged(tracked, key);
        }

        readers.Free();
    }

    /// <inheritdoc/>
    public override void AllKeysChanged()
    {
        foreach (TrackedClient tracked in _clients) _invalidations.AllChanged(tracked);
        ClearKeys();
    }

    /// <inheritdoc/>
    public override void RequestEnded(IClient client, bool isClientCommand)
    {
        if (!isClientCommand && _state.Of(client) is { } tracked) tracked.IsCachingGiven = false;
        EnforceLimit();
    }

    /// <inheritdoc/>
    public override void TurnEnding()
    {
        EnforceLimit();
        if (Broadcasts.PrefixCount > 0) Broadcasts.Send();
    }

    /// <summary>Forgets keys beyond the limit, some at a time, and more the longer it lasts.</summary>
    private void EnforceLimit()
    {
        if (KeyCountMax.Value == 0 || _keys.Count <= KeyCountMax.Value)
        {
            _roundsOverLimit = 0;
            return;
        }

        _roundsOverLimit++;
        for (long effort = (long)EvictionEffort * _roundsOverLimit; effort > 0 && _keys.Count > KeyCountMax.Value; effort--)
        {
            NamedIds evicted = _keys.TakeRandom();
            foreach (long id in evicted.Ids)
            {
                if (ReaderOf(id) is { } tracked) _invalidations.SendKey(tracked, evicted.Name);
            }

            evicted.Free();
        }
    }

    /// <summary>The client of an id that stands with a key; null when it is gone or tracks by prefixes now.</summary>
    private TrackedClient? ReaderOf(long clientId) =>
        _context.Clients.Find(clientId) is { } client && _state.Of(client) is { } tracked && !tracked.Has(TrackingModes.Broadcast)
            ? tracked
            : null;

    private void Forget(TrackedClient tracked)
    {
        Broadcasts.Remove(tracked);
        _clients.Remove(tracked);
        _context.Clients.SetTracking(tracked.Client, default);
        if (_clients.Count > 0) return;
        _observation?.Dispose();
        _observation = null;
        ClearKeys(); // nobody is left who could be told
    }

    private void ClearKeys()
    {
        bool isLarge = _keys.Count >= FreeInBackgroundMin;
        Action free = _keys.Clear();
        if (isLarge) _context.Background.Run("free a tracking table", free);
        else free();
    }
}

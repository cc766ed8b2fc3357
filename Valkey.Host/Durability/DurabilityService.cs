// Up to where the propagation stream is durable: the minimum over the enabled providers, and who waits for it to advance.
//
// Providers confirm from their own threads and wake the loop, which looks at them before it writes replies. While at least one is
// enabled and this server is a primary, replies are held back (ReplyHolding); when that ends, what waits is released, because the
// operator gave the promise up, or closed, because its writes may be lost (a failure, becoming a replica). Nothing is left hanging.
// Holds always: the committed offset never decreases while the set of enabled providers stays the same; callbacks and tasks
// come on the command thread, in the order of their offsets. Command thread, but for Advanced.

using Valkey.Abstractions;
using Valkey.Host.Clients;
using Valkey.Host.Commands;
using Valkey.Host.Keyspace;

namespace Valkey.Host.Durability;

internal sealed class DurabilityService : IDurabilityRegistry
{
    private readonly Server _server;
    private readonly ReplyHolding _holding;
    private readonly Action _look;
    private readonly PriorityQueue<Action, (long Offset, long Order)> _waiting = new();
    private IDurabilityProvider[] _providers = [];
    private Action<long>[] _observers = [];
    private long _order;
    private bool _isPrimary = true;
    private int _lookPosted;

    public DurabilityService(Server server)
    {
        _server = server;
        _look = LookAsPosted;
        _holding = new ReplyHolding(server, this);
        Held = new HeldClients(server);
        Tasks = new PostCommitQueue((task, exception) => LogFault(task.GetType().Name, exception));
    }

    /// <inheritdoc/>
    public bool HoldsBack { get; private set; }

    /// <summary>The committed offset as it was acted on last.</summary>
    public long AnnouncedOffset { get; private set; }

    /// <summary>Clients whose replies wait.</summary>
    public HeldClients Held { get; }

    /// <summary>Tasks that wait.</summary>
    public PostCommitQueue Tasks { get; }

    /// <summary>Keys that are not durable.</summary>
    public UncommittedKeys Keys => _holding.Keys;

    /// <summary>Replies held because their command had looked at something that was not durable; ever.</summary>
    public long ReadHeldCount { get; set; }

    /// <summary>Replies held because their command had changed something; ever.</summary>
    public long WriteHeldCount { get; set; }

    /// <summary>
    /// Whether this server decides what is written. Becoming a replica closes the clients whose replies wait: what they wrote may
    /// be lost with the data that the new primary replaces.
    /// </summary>
    public bool IsPrimary
    {
        get => _isPrimary;
        set
        {
            _isPrimary = value;
            if (!value && HoldsBack) GiveUp();
            Changed();
        }
    }

    /// <inheritdoc/>
    public long CommittedOffset
    {
        get
        {
            long offset = _server.Propagation.Offset;
            foreach (IDurabilityProvider provider in _providers)
            {
                if (provider.IsEnabled) offset = Math.Min(offset, provider.DurableOffset);
            }

            return offset;
        }
    }

    /// <inheritdoc/>
    public IDisposable Add(IDurabilityProvider provider)
    {
        if (Find(provider.Name) is not null) throw new InvalidOperationException($"the durability provider '{provider.Name}' is there already");
        _providers = [.. _providers, provider];
        Changed();
        return new Registration(() =>
        {
            _providers = Array.FindAll(_providers, other => other != provider);
            Changed();
        });
    }

    /// <summary>The provider of that name, or null.</summary>
    public IDurabilityProvider? Find(string name) =>
        Array.Find(_providers, provider => provider.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <inheritdoc/>
    public void Advanced()
    {
        if (Interlocked.Exchange(ref _lookPosted, 1) == 0) _server.Loop.Post(_look);
    }

    /// <inheritdoc/>
    public void Changed()
    {
        bool holdsBack = _isPrimary && Array.Exists(_providers, static provider => provider.IsEnabled);
        if (holdsBack && !HoldsBack) Start();
        else if (!holdsBack && HoldsBack) Stop();
        Look();
    }

    /// <inheritdoc/>
    public void Failed(string reason)
    {
        int clientCount = GiveUp();
        _server.Log.Write(
            LogLevel.Warning,
            $"Writes cannot be made durable: {reason}. Closing {clientCount} clients whose replies waited for that; their writes are not acknowledged.");
    }

    /// <inheritdoc/>
    public void Defer(PostCommitTask task)
    {
        if (HoldsBack) Tasks.Add(task, _server.Dispatcher.IsExecuting ? _server.Context.CurrentClient : null);
        else task.Run();
    }

    /// <inheritdoc/>
    public IDisposable Observe(Action<long> advanced)
    {
        _observers = [.. _observers, advanced];
        return new Registration(() => _observers = Array.FindAll(_observers, other => other != advanced));
    }

    /// <inheritdoc/>
    public void WhenCommitted(long offset, Action callback)
    {
        if (offset <= CommittedOffset) callback();
        else _waiting.Enqueue(callback, (offset, _order++));
    }

    /// <summary>Somebody waits for the committed offset to advance.</summary>
    public bool IsWatched => HoldsBack || _waiting.Count > 0 || _observers.Length > 0;

    /// <summary>The client goes away: nothing waits for it, and its tasks go with it.</summary>
    public void Forget(Client client)
    {
        Held.Forget(client);
        if (client.PostCommitTaskCount > 0) Tasks.DropOf(client);
    }

    /// <summary>Looks how far the providers have come and does what is due. Once per loop turn, before replies are written.</summary>
    public void Look()
    {
        // In the middle of a command nothing may be settled: its own changes have no offset yet.
        if (HoldsBack && !_server.Dispatcher.IsExecuting) _holding.Settle();
        long offset = CommittedOffset;
        if (offset == AnnouncedOffset)
        {
            if (HoldsBack && Tasks.Count > 0) Tasks.RunUpTo(offset); // made outside of commands, with nothing changed before
            return;
        }

        AnnouncedOffset = offset;
        RunDue();
        Observed(offset);
    }

    /// <summary>Does what waited for the offset that was announced.</summary>
    public void RunDue()
    {
        long offset = AnnouncedOffset;
        if (HoldsBack)
        {
            Keys.DropCommitted(offset);
            Tasks.RunUpTo(offset);
            Held.Release(offset, Tasks.Count);
        }

        if (_waiting.Count > 0) CallBack(offset);
    }

    private void CallBack(long offset)
    {
        while (_waiting.TryPeek(out Action? callback, out (long Offset, long Order) due) && due.Offset <= offset)
        {
            _waiting.Dequeue();
            try
            {
                callback();
            }
            catch (Exception exception)
            {
                LogFault("a callback", exception);
            }
        }
    }

    private void Observed(long offset)
    {
        foreach (Action<long> observer in _observers)
        {
            try
            {
                observer(offset);
            }
            catch (Exception exception)
            {
                LogFault("an observer", exception);
            }
        }
    }

    /// <summary>
    /// The databases tell of changes and lookups while replies are held back; not while the dataset is loaded, since what is
    /// loaded is on a disk already.
    /// </summary>
    public void AttachKeys()
    {
        UncommittedKeys? keys = HoldsBack && !_server.IsLoading ? Keys : null;
        foreach (Database database in _server.Databases) database.Uncommitted = keys;
    }

    private void Start()
    {
        HoldsBack = true;
        AnnouncedOffset = CommittedOffset;
        _server.Dispatcher.Holding = _holding;
        AttachKeys();
    }

    /// <summary>Nobody has to confirm any more: whatever still waits goes out.</summary>
    private void Stop()
    {
        _holding.Settle();
        Tasks.RunUpTo(long.MaxValue);
        HoldsBack = false;
        _server.Dispatcher.Holding = null;
        AttachKeys();
        Keys.Clear();
        Held.Release(long.MaxValue, taskCount: 0);
    }

    /// <summary>
    /// What waits will not become durable. Keys stay marked: until a provider has caught up or is disabled, whoever reads them
    /// waits too, since nobody may see what could be gone after a restart.
    /// </summary>
    private int GiveUp()
    {
        Tasks.DropAll();
        return Held.CloseAll();
    }

    private void LookAsPosted()
    {
        Volatile.Write(ref _lookPosted, 0);
        Look();
    }

    private void LogFault(string who, Exception exception) =>
        _server.Log.Write(LogLevel.Warning, $"Unexpected failure of {who} of durability: {exception}");
}

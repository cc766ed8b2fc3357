// What the server hears of the commit thread: the durability provider named aof.
//
// Enabled means: writes are offloaded, so every reply waits for what is confirmed here. A failure of the disk is told once; the
// replies that wait are never sent. New writes are refused and the disk is tried again every second until it works.
// Holds always: nothing is confirmed that is not on the disk; pausing holds back what is told, not what is done.

using Valkey.Abstractions;
using Valkey.Aof.Files;
using Valkey.Aof.Writing;

namespace Valkey.Aof.Offload;

internal sealed class OffloadProvider : IDurabilityProvider, ICommitObserver
{
    private readonly IPluginContext _context;
    private readonly WriteHealth _health;
    private readonly Action _noteOutcome; // made once: the commit thread posts it
    private long _shownOffset = -1; // while paused; else -1

    public OffloadProvider(IPluginContext context, WriteHealth health)
    {
        _context = context;
        _health = health;
        _noteOutcome = NoteOutcome;
        Commit = new CommitThread(context.Persistence.HelperThreads, this);
    }

    /// <summary>The thread that does it.</summary>
    public CommitThread Commit { get; }

    /// <summary>Called on the command thread soon after more became durable, when somebody asked for it.</summary>
    public Action? WhenCommitted { get; set; }

    /// <inheritdoc/>
    public string Name => "aof";

    /// <inheritdoc/>
    public bool IsEnabled { get; private set; }

    /// <inheritdoc/>
    public long DurableOffset => Volatile.Read(ref _shownOffset) is >= 0 and long shown ? shown : Commit.DurableOffset;

    /// <inheritdoc/>
    public void Pause()
    {
        if (Volatile.Read(ref _shownOffset) < 0) Volatile.Write(ref _shownOffset, Commit.DurableOffset);
    }

    /// <inheritdoc/>
    public void Resume()
    {
        Volatile.Write(ref _shownOffset, -1);
        _context.Durability.Advanced();
    }

    /// <summary>Takes part in the minimum, or not any more.</summary>
    public void Enable(bool isEnabled)
    {
        if (IsEnabled == isEnabled) return;
        IsEnabled = isEnabled;
        if (!isEnabled) Volatile.Write(ref _shownOffset, -1);
        _context.Durability.Changed();
    }

    /// <summary>Once per second: tries again what failed.</summary>
    public void RetryWhereNeeded()
    {
        if (IsEnabled && Commit.ErrorNumber != 0) Commit.Retry();
    }

    /// <inheritdoc/>
    void ICommitObserver.Committed()
    {
        if (Volatile.Read(ref _shownOffset) < 0) _context.Durability.Advanced();
        if (Volatile.Read(ref _wantsWord) && WhenCommitted is { } callback) _context.Background.Post(callback);
    }

    /// <inheritdoc/>
    void ICommitObserver.OutcomeChanged() => _context.Background.Post(_noteOutcome);

    /// <summary>Whether <see cref="WhenCommitted"/> is called.</summary>
    public bool WantsWord
    {
        get => Volatile.Read(ref _wantsWord);
        set => Volatile.Write(ref _wantsWord, value);
    }

    private bool _wantsWord;

    private void NoteOutcome()
    {
        if (!IsEnabled) return;
        int error = Commit.ErrorNumber;
        if (error == 0)
        {
            _health.NoteSync(0);
            _health.NoteWritten();
            return;
        }

        string text = Libc.TextOf(error);
        bool isSync = Commit.SyncFailed;
        if (_health.MayLog())
            _context.Log.Write(LogLevel.Warning, isSync ? $"Fail to fsync the AOF file: {text}" : $"Error writing to the AOF file: {text}");
        if (_health.WriteFailed) return; // told already
        _health.NoteWriteError(error);
        _context.Durability.Failed(isSync ? $"the append-only file cannot be synced: {text}" : $"the append-only file cannot be written: {text}");
    }
}

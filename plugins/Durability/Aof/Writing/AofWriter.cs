// The sink: logs every executed write to the present file, with a SELECT of its own where the database changes.
//
// One of two takes the buffer from here: DirectFlush, on this thread, or the commit thread, when writes are offloaded. A change
// between the two happens with nothing under way: what is logged is on the disk before the other begins.
// Holds always: the file sees commands in the order of the propagation stream, each whole. Command thread.

using System.Diagnostics;
using Valkey.Abstractions;
using Valkey.Aof.Files;
using Valkey.Aof.Offload;

namespace Valkey.Aof.Writing;

internal sealed class AofWriter : IPropagationSink
{
    private readonly IPluginContext _context;
    private readonly AofOptions _options;
    private readonly WriteHealth _health;
    private readonly CommitThread _commit;
    private CommandBuffer? _buffer; // null while the commit thread has it
    private int _fileDatabase = -1;
    private long _timestampUnixSeconds;

    public AofWriter(IPluginContext context, AofOptions options, WriteHealth health, SyncThread sync, CommitThread commit)
    {
        _context = context;
        _options = options;
        _health = health;
        _commit = commit;
        Synced = sync;
        Direct = new DirectFlush(context, options, sync, health);
    }

    /// <summary>The rules of appendfsync.</summary>
    public DirectFlush Direct { get; }

    /// <summary>Syncs beside the commands.</summary>
    public SyncThread Synced { get; }

    /// <summary>The present file; null when nothing is logged now.</summary>
    public IncrementFile? File { get; private set; }

    /// <summary>The commit thread writes.</summary>
    public bool IsOffloaded { get; private set; }

    /// <summary>Bytes that are logged and not in the file yet, as far as they are known here: aof_buffer_length.</summary>
    public long BufferedBytes => _buffer?.Length ?? 0;

    /// <summary>Everything up to this offset of the stream is on the disk.</summary>
    public long DurableOffset => IsOffloaded ? _commit.DurableOffset : Synced.SyncedOffset;

    /// <inheritdoc/>
    public void Append(in PropagatedCommand command)
    {
        if (File is null) return;
        CommandBuffer buffer = _buffer ??= _commit.Take();
        if (_options.HasTimestamps.Value) AppendTimestamp(buffer);
        if (command.DatabaseIndex != _fileDatabase && command.DatabaseIndex != PropagatedCommand.NoDatabase)
        {
            _fileDatabase = command.DatabaseIndex;
            buffer.AppendSelect(command.DatabaseIndex);
        }

        buffer.Append(command.Arguments);
        buffer.EndOffset = command.EndOffset;
    }

    /// <inheritdoc/>
    public void Flush() => Flush(isForced: false);

    /// <summary>Brings to the file what the policy asks for now; all of it when it is forced.</summary>
    public void Flush(bool isForced)
    {
        if (File is null) return;
        if (!IsOffloaded)
        {
            Direct.Run(File, _buffer!, isForced);
            return;
        }

        if (_buffer is not { Length: > 0 } buffer) return;
        _buffer = null;
        _commit.Publish(buffer);
    }

    /// <summary>From now on commands go to this file.</summary>
    /// <param name="file">Open; what is in it is synced.</param>
    /// <returns>The file before it; null when there was none. Who called closes it.</returns>
    public IncrementFile? SwitchTo(IncrementFile file)
    {
        IncrementFile? before = File;
        File = file;
        _fileDatabase = -1;
        if (!IsOffloaded) _buffer ??= new CommandBuffer(_commit.Memory);
        else _commit.Begin(file, _commit.DurableOffset);
        return before;
    }

    /// <summary>Everything logged so far is in the file, and the commit thread stands still. False when it cannot be written.</summary>
    public bool TrySettle()
    {
        Flush(isForced: true);
        if (IsOffloaded) return _commit.TryDrain();
        return _buffer is null or { Length: 0 } or { IsTorn: false };
    }

    /// <summary>Nothing is logged any more. The file is given back for the caller to close; the buffer is forgotten.</summary>
    public IncrementFile? Close()
    {
        IncrementFile? before = File;
        File = null;
        _buffer?.Dispose();
        _buffer = null;
        _fileDatabase = -1;
        return before;
    }

    /// <summary>Forgets what is logged and not written: the file that it belongs to is given up.</summary>
    public void ForgetBuffered() => _buffer?.Clear();

    /// <summary>The commit thread writes from now on. What is logged is on the disk before. False when that failed.</summary>
    public bool TryBeginOffload()
    {
        Debug.Assert(File is not null && !IsOffloaded, "There is a file, and this thread writes it.");
        Synced.Drain();
        Flush(isForced: true);
        if (_buffer!.Length > 0 || !_health.IsGood || !File.TrySync()) return false;
        File.SyncedBytes = File.SizeBytes;
        Synced.Confirm(_context.Propagation.Offset);
        _buffer.Dispose();
        _buffer = null;
        _commit.Begin(File, _context.Propagation.Offset);
        IsOffloaded = true;
        return true;
    }

    /// <summary>This thread writes from now on. Waits until the commit thread is through; what it could not write is written here.</summary>
    public void EndOffload()
    {
        Flush(isForced: true);
        CommandBuffer? rest = null;
        bool isDrained = _commit.TryDrain();
        Synced.Confirm(_commit.DurableOffset);
        if (!isDrained)
        {
            rest = new CommandBuffer(_commit.Memory);
            if (!_commit.TryReclaim(rest))
                _context.Log.Write(LogLevel.Warning, $"Could not cut the append-only file back: {Libc.TextOf(File!.ErrorNumber)}");
        }

        _commit.Trim();
        IsOffloaded = false;
        Direct.NoteSynced();
        _buffer = rest ?? new CommandBuffer(_commit.Memory);
    }

    private void AppendTimestamp(CommandBuffer buffer)
    {
        long unixSeconds = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        if (unixSeconds <= _timestampUnixSeconds) return;
        _timestampUnixSeconds = unixSeconds;
        buffer.AppendTimestamp(unixSeconds);
    }
}

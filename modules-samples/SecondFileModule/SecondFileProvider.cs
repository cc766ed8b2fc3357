// Writes the propagation stream into a file and confirms what the disk has.
//
// Two buffers: the command thread fills one, a helper thread writes and syncs the other. While a sync is running, everything that
// arrives gathers in the first, so the next sync is for all of it together: the slower the disk, the larger the group.
// A write that fails confirms nothing. The server is told, and closes those who wait; the file is cut back to what was synced, and
// the same bytes are tried again until it works.
// Holds always: one write at a time; the file holds the stream from the moment of enabling on, without gaps; the offset that
// is confirmed is the end of bytes that were synced. Command thread, but for Write and the offset that it sets.

using System.Buffers.Text;
using Valkey.Abstractions;

namespace Valkey.Samples.SecondFile;

internal sealed class SecondFileProvider : IDurabilityProvider, IPropagationSink, IDisposable
{
    private const int KeptBufferMax = 1 << 20;

    private static readonly TimeSpan s_retryDelay = TimeSpan.FromMilliseconds(100);

    private readonly IPluginContext _context;
    private readonly string _path;
    private readonly Action _write;
    private readonly Action<Exception?> _written;
    private MemoryStream _filling = new();
    private MemoryStream _writing = new();
    private FileStream? _file;
    private IDisposable? _sink;
    private long _fillingEnd; // offset of the stream behind the last command in the buffer
    private long _writingEnd;
    private long _syncedOffset; // set by the helper thread
    private long _syncedBytes; // length of the file up to which all is synced
    private long _syncCount;
    private long _pausedAtOffset;
    private int _databaseIndex = -1; // the one that the file has selected
    private bool _isPaused;
    private bool _isBusy; // a write runs, or waits to be tried again
    private string _lastError = "";

    public SecondFileProvider(IPluginContext context, string path)
    {
        _context = context;
        _path = path;
        _write = Write;
        _written = Written;
    }

    /// <inheritdoc/>
    public string Name => "secondfile";

    /// <inheritdoc/>
    public bool IsEnabled => _sink is not null;

    /// <inheritdoc/>
    public long DurableOffset => _isPaused ? _pausedAtOffset : Volatile.Read(ref _syncedOffset);

    /// <summary>Begins to write and to confirm. What happened before is not its business: it counts as confirmed.</summary>
    public void Enable()
    {
        if (IsEnabled) return;
        _file ??= new FileStream(_path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        _sink = _context.Propagation.Add(this);
        _fillingEnd = _context.Propagation.Offset;
        Volatile.Write(ref _syncedOffset, _fillingEnd);
        _pausedAtOffset = _fillingEnd;
        _context.Durability.Changed();
    }

    /// <summary>Ends it: replies do not wait for this provider any more. What is in the buffer still goes into the file.</summary>
    public void Disable()
    {
        if (!IsEnabled) return;
        _sink!.Dispose();
        _sink = null;
        Flush();
        _context.Durability.Changed();
    }

    /// <inheritdoc/>
    public void Pause()
    {
        if (_isPaused) return;
        _pausedAtOffset = DurableOffset; // it goes on writing, and says nothing of it
        _isPaused = true;
    }

    /// <inheritdoc/>
    public void Resume()
    {
        _isPaused = false;
        _context.Durability.Advanced();
    }

    /// <inheritdoc/>
    public void Append(in PropagatedCommand command)
    {
        // The command is valid during this call only, so its bytes are copied; the buffers keep their memory from group to group.
        // Not SelectsDatabase: that is about what sinks before us have seen.
        if (command.DatabaseIndex != _databaseIndex && command.DatabaseIndex != PropagatedCommand.NoDatabase)
        {
            _databaseIndex = command.DatabaseIndex;
            _filling.Write("*2\r\n$6\r\nSELECT\r\n"u8);
            WriteBulk(command.DatabaseIndex);
        }

        WriteHeader((byte)'*', command.Arguments.Count);
        for (int i = 0; i < command.Arguments.Count; i++) WriteBulk(command.Arguments[i]);
        _fillingEnd = command.EndOffset;
    }

    /// <inheritdoc/>
    public void Flush()
    {
        if (!_isBusy && _filling.Length > 0) StartWriting();
    }

    /// <summary>INFO's section.</summary>
    public void WriteInfo(InfoWriter info)
    {
        info.Field("secondfile_enabled", IsEnabled ? 1 : 0);
        info.Field("secondfile_durable_offset", DurableOffset);
        info.Field("secondfile_bytes", Volatile.Read(ref _syncedBytes));
        info.Field("secondfile_syncs", Volatile.Read(ref _syncCount));
        info.Field("secondfile_buffered_bytes", _filling.Length);
        info.Field("secondfile_last_error", _lastError);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
    }

    private void StartWriting()
    {
        (_filling, _writing) = (_writing, _filling);
        _filling.SetLength(0);
        if (_filling.Capacity > KeptBufferMax) _filling.Capacity = 0;
        _writingEnd = _fillingEnd;
        TryWriting();
    }

    private void TryWriting()
    {
        _isBusy = true;
        _context.Background.Run("second file", _write, _written);
    }

    /// <summary>On a helper thread, for as long as the disk takes.</summary>
    private void Write()
    {
        FileStream file = _file!;
        file.SetLength(_syncedBytes); // what an attempt that failed may have left
        file.Position = _syncedBytes;
        file.Write(_writing.GetBuffer(), 0, (int)_writing.Length);
        file.Flush(flushToDisk: true);
        Volatile.Write(ref _syncedBytes, file.Position);
        Volatile.Write(ref _syncCount, _syncCount + 1);
        Volatile.Write(ref _syncedOffset, _writingEnd);
        _context.Durability.Advanced(); // the one thing that may be called from here: the server looks at DurableOffset soon
    }

    /// <summary>On the command thread again.</summary>
    private void Written(Exception? failure)
    {
        if (failure is null)
        {
            _lastError = "";
            _isBusy = false;
            Flush();
            return;
        }

        _lastError = failure.Message;
        if (IsEnabled) _context.Durability.Failed(failure.Message);
        _context.Timers.After(s_retryDelay, TryWriting);
    }

    private void WriteBulk(ReadOnlySpan<byte> bytes)
    {
        WriteHeader((byte)'$', bytes.Length);
        _filling.Write(bytes);
        _filling.Write("\r\n"u8);
    }

    private void WriteBulk(int number)
    {
        Span<byte> digits = stackalloc byte[11];
        Utf8Formatter.TryFormat(number, digits, out int length);
        WriteBulk(digits[..length]);
    }

    private void WriteHeader(byte type, int number)
    {
        Span<byte> header = stackalloc byte[14];
        header[0] = type;
        Utf8Formatter.TryFormat(number, header[1..], out int length);
        "\r\n"u8.CopyTo(header[(length + 1)..]);
        _filling.Write(header[..(length + 3)]);
    }
}

// One snapshot: a line of JSON for every key, into a file beside its final name, which it gets when it is complete.
//
// Process and Finish run on the iteration's thread. While Process runs nobody changes the entry; when it returns, the entry is
// the server's again and nothing of it may be kept.
// Holds always: the file under its final name is a whole snapshot, of this time or of an earlier one.

using System.Buffers;
using System.Text.Json;
using Valkey.Abstractions;

namespace Valkey.Samples.JsonSnapshot;

internal sealed class JsonSnapshot : IIterationConsumer
{
    private const int FlushBytes = 256 * 1024;

    private readonly string _path;
    private readonly string _temporaryPath;
    private readonly FileStream _file;
    private readonly ArrayBufferWriter<byte> _buffer = new(FlushBytes * 2);
    private readonly Utf8JsonWriter _json;
    private readonly JsonValue _values;
    private string? _failure;
    private long _bytesWritten;

    /// <exception cref="IOException">The file cannot be created.</exception>
    public JsonSnapshot(string path)
    {
        _path = Path.GetFullPath(path); // CONFIG SET dir must not move it on the way
        _temporaryPath = _path + ".tmp";
        _file = new FileStream(_temporaryPath, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        _json = new Utf8JsonWriter(_buffer);
        _values = new JsonValue(_json);
    }

    /// <summary>Told why it failed, or null. Command thread.</summary>
    public Action<string?> OnEnded { get; set; } = static _ => { };

    /// <summary>It was given up. Command thread.</summary>
    public bool IsKilled { get; set; }

    /// <summary>Bytes so far. Any thread.</summary>
    public long BytesWritten => Interlocked.Read(ref _bytesWritten);

    /// <inheritdoc/>
    public bool Process(int databaseIndex, in SnapshotEntry entry)
    {
        _json.Reset();
        _json.WriteStartObject();
        _json.WriteNumber("db"u8, databaseIndex);
        _values.WriteText("key"u8, entry.Key);
        _json.WriteString("type"u8, entry.Type.Name);
        if (entry.ExpireAtUnixMs >= 0) _json.WriteNumber("expireAtMs"u8, entry.ExpireAtUnixMs);
        _json.WritePropertyName("value"u8);
        _values.Write(entry.Type, entry.Value);
        _json.WriteEndObject();
        _json.Flush();
        _buffer.Write("\n"u8);
        return _buffer.WrittenCount < FlushBytes || TryFlush();
    }

    /// <inheritdoc/>
    public void Finish(bool complete)
    {
        if (!complete || !TryFlush()) return;
        try
        {
            _file.Flush(flushToDisk: true);
            File.Move(_temporaryPath, _path, overwrite: true);
        }
        catch (IOException exception)
        {
            _failure = exception.Message;
        }
    }

    /// <inheritdoc/>
    public void Ended(bool complete)
    {
        _json.Dispose();
        _file.Dispose();
        if (!complete || _failure is not null) File.Delete(_temporaryPath);
        OnEnded(IsKilled || (complete && _failure is null) ? null : _failure ?? "the background iteration ended early");
    }

    private bool TryFlush()
    {
        try
        {
            _file.Write(_buffer.WrittenSpan);
        }
        catch (IOException exception)
        {
            _failure = exception.Message;
            return false;
        }

        Interlocked.Add(ref _bytesWritten, _buffer.WrittenCount);
        _buffer.ResetWrittenCount();
        return true;
    }
}

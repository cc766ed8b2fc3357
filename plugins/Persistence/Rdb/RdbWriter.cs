// Writes one snapshot, key after key.
//
// The version is chosen when the writer is made, as the head comes first: 10, which Redis 7.0 reads too, or 80 when there are
// fields that expire.
// Holds always: as RdbOutput, nothing is allocated after construction, locked or thrown.

using System.Globalization;
using System.Text;
using Valkey.Abstractions;

namespace Valkey.Rdb;

internal sealed class RdbWriter : ISnapshotWriter
{
    private readonly RdbOutput _output;
    private readonly ValueEncoder _encoder;
    private readonly byte[] _magic;
    private readonly (byte[] Name, byte[] Value)[] _fields;
    private int _database = -1;

    public RdbWriter(ISnapshotSink sink, SnapshotHeader header, int version, bool compresses, bool hasChecksum)
    {
        _output = new RdbOutput(sink) { Compresses = compresses, HasChecksum = hasChecksum };
        _encoder = new ValueEncoder(_output) { Version = version };
        string text = RdbVersion.HasValkeyMagic(version)
            ? "VALKEY" + version.ToString("000", CultureInfo.InvariantCulture)
            : "REDIS" + version.ToString("0000", CultureInfo.InvariantCulture);
        _magic = Encoding.ASCII.GetBytes(text);
        _fields = new (byte[], byte[])[header.Fields.Count];
        for (int i = 0; i < _fields.Length; i++)
            _fields[i] = (Encoding.UTF8.GetBytes(header.Fields[i].Name), Encoding.UTF8.GetBytes(header.Fields[i].Value));
    }

    /// <inheritdoc/>
    public ISnapshotSink Sink => _output.Sink;

    /// <inheritdoc/>
    public void Begin()
    {
        _output.Raw(_magic);
        foreach ((byte[] name, byte[] value) in _fields)
        {
            _output.Byte(RdbOperation.Field);
            _output.String(name);
            _output.String(value);
        }
    }

    /// <inheritdoc/>
    public void BeginDatabase(int index, long keyCount, long expiringCount)
    {
        if (_database != index)
        {
            _output.Operation(RdbOperation.SelectDatabase, (ulong)index);
            _database = index;
        }

        if (keyCount < 0) return;
        _output.Operation(RdbOperation.ResizeDatabase, (ulong)keyCount);
        _output.Length((ulong)Math.Max(expiringCount, 0));
    }

    /// <inheritdoc/>
    public void WriteEntry(in SnapshotEntry entry)
    {
        if (entry.ExpireAtUnixMs >= 0)
        {
            _output.Byte(RdbOperation.ExpireMs);
            _output.UInt64((ulong)entry.ExpireAtUnixMs);
        }

        if (entry.IdleSeconds >= 0) _output.Operation(RdbOperation.Idle, (ulong)entry.IdleSeconds);
        if (entry.Frequency >= 0)
        {
            _output.Byte(RdbOperation.Frequency);
            _output.Byte((byte)entry.Frequency);
        }

        _encoder.Write(entry.Key, entry.Type, entry.Value);
    }

    /// <inheritdoc/>
    public void End()
    {
        _output.Byte(RdbOperation.End);
        _output.Drain(); // the checksum is of all that stands before it
        _output.UInt64(_output.HasChecksum ? _output.Checksum : 0);
        _output.Drain();
        Sink.Flush();
    }

    /// <inheritdoc/>
    public void Dispose() => _output.Dispose();
}

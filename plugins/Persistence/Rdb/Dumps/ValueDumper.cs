// Makes the payload of one value: [type code][value][version: 2][checksum: 8], the numbers little-endian. The version is the lowest
// that has the type code, so that older servers take what they can express.
// Holds always: native memory only after construction; used by one thread at a time.

using System.Runtime.CompilerServices;
using Valkey.Abstractions;

namespace Valkey.Rdb;

internal sealed class ValueDumper : IValueDumper
{
    private readonly RdbOptions _options;
    private readonly MemorySink _sink = new();
    private readonly RdbOutput _output;
    private readonly ValueEncoder _encoder;

    public ValueDumper(RdbOptions options)
    {
        _options = options;
        _output = new RdbOutput(_sink) { HasChecksum = true };
        _encoder = new ValueEncoder(_output) { Version = RdbVersion.Highest };
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public ReadOnlySpan<byte> Make(DataType type, in StoredValue value)
    {
        _sink.Clear();
        _output.Reset(_sink);
        _output.Compresses = _options.Compresses;
        _encoder.WriteValue(type, value);
        int version = RdbVersion.Of(_encoder.LastTypeCode);
        _output.Byte((byte)version);
        _output.Byte((byte)(version >> 8));
        _output.Drain();
        _output.UInt64(_output.Checksum);
        _output.Drain();
        return _sink.Written;
    }

    public void Dispose()
    {
        _output.Dispose();
        _sink.Dispose();
    }
}

// One value by itself, as DUMP gives it and RESTORE takes it. What its bytes are is told in ValueDumper.cs.
//
// One writer and one reader serve all commands. Command thread only.

using System.Buffers.Binary;
using Valkey.Abstractions;

namespace Valkey.Rdb;

internal sealed unsafe class DumpPayload : ITypeDirectory, IDisposable
{
    private const int FooterBytes = sizeof(ushort) + Crc64.SizeBytes;

    private readonly RdbOptions _options;
    private readonly RdbFormat _format;
    private readonly IDataTypeRegistry _types;
    private readonly ValueDumper _dumper;
    private readonly RdbInput _input = new();
    private readonly ValueLoader _loader;

    public DumpPayload(RdbOptions options, RdbFormat format, IDataTypeRegistry types)
    {
        _options = options;
        _format = format;
        _types = types;
        _dumper = new ValueDumper(options);
        _loader = new ValueLoader(_input);
    }

    /// <summary>The payload of a value; valid until the next one.</summary>
    public ReadOnlySpan<byte> Make(DataType type, in StoredValue value) => _dumper.Make(type, value);

    /// <summary>Whether the payload is whole and of a version that we read.</summary>
    public bool IsGenuine(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < FooterBytes) return false;
        if (!RdbHead.IsAccepted(VersionOf(payload), _options.IsRelaxed)) return false;
        if (_format.SkipsChecksums) return true;
        ulong stored = BinaryPrimitives.ReadUInt64LittleEndian(payload[^Crc64.SizeBytes..]);
        return stored == Crc64.Append(0, payload[..^Crc64.SizeBytes]);
    }

    /// <summary>The payload is of another server's format and holds what that server means by a code of ours.</summary>
    public static bool IsForeign(ReadOnlySpan<byte> payload) =>
        RdbVersion.IsForeign(VersionOf(payload)) && payload[0] >= RdbTypeCode.FirstOfValkey;

    /// <summary>Makes an entry of a payload; null and the reason when it is no value.</summary>
    public KeyEntry Load(ReadOnlySpan<byte> key, ReadOnlySpan<byte> payload, long expireAtUnixMs, bool isReplaying, out DataType? type, out string? reason)
    {
        type = null;
        reason = null;
        fixed (byte* start = payload)
        {
            _input.Reset(start, payload.Length - FooterBytes);
            _loader.IsSanitizing = _options.SanitizesPayloads(isReplaying);
            long sanitizedBefore = _loader.SanitizationCount;
            try
            {
                byte code = _input.Byte();
                KeyEntry entry = _loader.Load(code, key, expireAtUnixMs, this, out DataType found);
                type = found;
                if (!entry.Exists) reason = "the value is empty";
                return entry;
            }
            catch (InvalidDataException exception)
            {
                reason = $"Internal error in RDB reading offset {_input.Offset} of a payload -> {exception.Message}";
                return default;
            }
            finally
            {
                _format.SanitizationCount += _loader.SanitizationCount - sanitizedBefore;
                _input.Reset(null, 0);
            }
        }
    }

    /// <inheritdoc/>
    public DataType? TypeOf(byte typeCode)
    {
        foreach (DataType type in _types.All)
        {
            if (type.ModuleId == 0 && type.LoadsTypeCode(typeCode)) return type;
        }

        return null;
    }

    /// <inheritdoc/>
    public DataType? ModuleTypeOf(ulong moduleId)
    {
        foreach (DataType type in _types.All)
        {
            if (type.ModuleId != 0 && ModuleTypeId.IsSameType(type.ModuleId, moduleId)) return type;
        }

        return null;
    }

    public void Dispose()
    {
        _loader.Dispose();
        _input.Dispose();
        _dumper.Dispose();
    }

    private static int VersionOf(ReadOnlySpan<byte> payload) => BinaryPrimitives.ReadUInt16LittleEndian(payload[^FooterBytes..]);
}

// Reads a snapshot of any version, record after record, into a receiver.
//
// Holds always: what is wrong with the bytes ends as one SnapshotFormatException that names the offset, the key and the
// reason; what the receiver itself throws goes through untouched. A hostile file is read within its own size: nothing is
// allocated, reserved or repeated more often than the bytes that are there can justify.

using System.Buffers.Binary;
using System.Text;
using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Rdb;

internal sealed class RdbReader : ITypeDirectory, IDisposable
{
    private const int MagicBytes = 9;
    private const int KeyBytesInitial = 256;
    private const int ShownKeyMax = 128;
    private const int EntryBytesMin = 3; // type code, empty key, the shortest value

    private readonly RdbInput _input;
    private readonly ValueLoader _values;
    private readonly ISnapshotReceiver _receiver;
    private readonly DataType?[] _types = new DataType?[256];
    private readonly GrowingBuffer _key = new(KeyBytesInitial);
    private readonly byte[] _digits = new byte[IntegerText.LengthMax];
    private readonly bool _isRelaxed;
    private readonly bool _verifiesChecksum;
    private int _version;
    private int _keyLength = -1; // no key is being read
    private long _expireAtUnixMs;
    private long _idleSeconds;
    private int _frequency;
    private long _nextProgress;
    private long _reservedKeyCount;

    public RdbReader(ISnapshotSource source, ISnapshotReceiver receiver, RdbLoadSettings settings)
    {
        _receiver = receiver;
        _isRelaxed = settings.IsRelaxed;
        _verifiesChecksum = settings.VerifiesChecksum;
        _input = new RdbInput(source) { HasChecksum = settings.VerifiesChecksum };
        _values = new ValueLoader(_input) { IsSanitizing = settings.IsSanitizing };
    }

    /// <summary>Compact encodings that were checked while sanitizing.</summary>
    public long SanitizationCount => _values.SanitizationCount;

    /// <summary>Reads all of it, up to the checksum; returns how many bytes that were.</summary>
    public long Load()
    {
        ReadHead();
        _values.DropExpiredAtUnixMs = _receiver.DropExpiredAtUnixMs;
        _nextProgress = _receiver.Progress(_input.Offset);
        _input.Refilled = TellProgress;
        try
        {
            ForgetAttributes();
            while (ReadRecord())
            {
                if (_input.Offset >= _nextProgress) TellProgress(_input.Offset);
            }

            ReadChecksum();
            _receiver.Progress(_input.Offset);
            return _input.Offset;
        }
        catch (InvalidDataException exception)
        {
            throw Failure(exception.Message);
        }
    }

    /// <inheritdoc/>
    public DataType? TypeOf(byte typeCode) => _types[typeCode] ??= _receiver.TypeOf(typeCode);

    /// <inheritdoc/>
    public DataType? ModuleTypeOf(ulong moduleId) => _receiver.ModuleTypeOf(moduleId);

    public void Dispose()
    {
        _values.Dispose();
        _input.Dispose();
        _key.Dispose();
    }

    private void TellProgress(long bytesRead) => _nextProgress = _receiver.Progress(bytesRead);

    private void ReadHead()
    {
        string magic;
        try
        {
            magic = Encoding.Latin1.GetString(_input.Bytes(MagicBytes));
        }
        catch (InvalidDataException exception)
        {
            throw Failure(exception.Message);
        }

        bool isValkey = magic.StartsWith("VALKEY", StringComparison.Ordinal);
        if (!isValkey && !magic.StartsWith("REDIS0", StringComparison.Ordinal))
            throw new SnapshotFormatException($"Wrong signature trying to load DB from file: {Shown(magic)}") { IsUnknown = true };
        if (!RdbHead.TryVersion(magic.AsSpan(6), isValkey, _isRelaxed, out _version))
            throw new SnapshotFormatException($"Can't handle RDB format version {_version}") { IsUnknown = true };
        _receiver.Begin(_version);
    }

    /// <summary>One record; false at the end mark.</summary>
    private bool ReadRecord()
    {
        byte code = _input.Byte();
        if (code < RdbOperation.SlotImport)
        {
            ReadKey(code);
            return true;
        }

        switch (code)
        {
            case RdbOperation.End: return false;
            case RdbOperation.ExpireMs: _expireAtUnixMs = ReadTime(); break;
            case RdbOperation.ExpireSeconds: _expireAtUnixMs = BinaryPrimitives.ReadInt32LittleEndian(_input.Bytes(sizeof(int))) * 1000L; break;
            case RdbOperation.Idle: _idleSeconds = (long)Math.Min(_input.Length(), long.MaxValue); break;
            case RdbOperation.Frequency: _frequency = _input.Byte(); break;
            case RdbOperation.SelectDatabase: SelectDatabase(); break;
            case RdbOperation.ResizeDatabase: ReadSizes(); break;
            case RdbOperation.Field: ReadField(); break;
            case RdbOperation.Function: ReadFunction(); break;
            case RdbOperation.FunctionPreRelease: throw new InvalidDataException("Pre-release function format not supported.");
            case RdbOperation.ModuleAux: SkipModuleAux(); break;
            case RdbOperation.SlotInfo: SkipLengths(3); break;
            default: SkipSlotImport(); break;
        }

        return true;
    }

    private long ReadTime()
    {
        ulong time = _input.UInt64();
        if (_version < RdbVersion.FirstLittleEndian && !BitConverter.IsLittleEndian) time = BinaryPrimitives.ReverseEndianness(time);
        return unchecked((long)time);
    }

    private void SelectDatabase()
    {
        ulong index = _input.Length();
        if (index > long.MaxValue || !_receiver.BeginDatabase((long)index))
            throw new InvalidDataException($"The file holds database {index}, and the server has no database of that number");
    }

    private void ReadSizes()
    {
        // All hints of a file together reserve no more than the keys that it has room for.
        long fitting = _input.RemainingBytes == long.MaxValue ? 0 : Math.Max((_input.RemainingBytes / EntryBytesMin) - _reservedKeyCount, 0);
        long keyCount = (long)Math.Min(_input.Length(), (ulong)fitting);
        _reservedKeyCount += keyCount;
        long expiringCount = (long)Math.Min(_input.Length(), (ulong)keyCount);
        _receiver.SizeHint(keyCount, expiringCount);
    }

    private void ReadField()
    {
        Span<byte> name = CopyKey(_input.String(_digits));
        _receiver.Field(name, _input.String(_digits));
    }

    private void ReadFunction()
    {
        string? error = _receiver.Function(_input.String(_digits));
        if (error is not null) throw new InvalidDataException($"Failed loading library, {error}");
    }

    private void SkipModuleAux()
    {
        ulong moduleId = _input.Length();
        string name = ModuleTypeName.Of(moduleId);
        if (_input.Length() != RdbModulePart.UnsignedInteger) throw new InvalidDataException("bad when_opcode");
        _ = _input.Length();

        // What says nothing is passed over; what says something would be lost without its module.
        if (_input.Length() == RdbModulePart.End) return;
        throw new InvalidDataException(_receiver.ModuleTypeOf(moduleId) is null
            ? $"The RDB file contains AUX module data I can't load: no matching module '{name}'"
            : $"The RDB file contains module AUX data, but the module '{name}' doesn't seem to support it.");
    }

    private void SkipLengths(int count)
    {
        for (int i = 0; i < count; i++) _ = _input.Length();
    }

    private void SkipSlotImport()
    {
        if (!RdbVersion.HasValkeyMagic(_version)) throw new InvalidDataException($"Can't handle foreign type or opcode {RdbOperation.SlotImport} in RDB with version {_version}");
        _input.SkipString();
        int rangeCount = _input.Count(bytesEach: 2);
        for (int i = 0; i < rangeCount; i++) SkipLengths(2);
    }

    private void ReadKey(byte typeCode)
    {
        // In formats of other servers the codes from here on mean other things.
        if (typeCode >= RdbTypeCode.FirstOfValkey && RdbVersion.IsForeign(_version))
            throw new InvalidDataException($"Can't handle foreign type or opcode {typeCode} in RDB with version {_version}");
        if (!RdbTypeCode.IsKnown(typeCode)) throw new InvalidDataException($"Unknown RDB encoding type {typeCode}");

        Span<byte> key = CopyKey(_input.String(_digits));
        _keyLength = key.Length;
        if (_keyLength > Entry.KeyLengthMax) throw new InvalidDataException($"A key has {_keyLength} bytes");
        KeyEntry entry = _values.Load(typeCode, key, _expireAtUnixMs, this, out DataType type);
        Deliver(entry, type, key, typeCode);
        _keyLength = -1;
        ForgetAttributes();
    }

    private void Deliver(KeyEntry entry, DataType type, ReadOnlySpan<byte> key, byte typeCode)
    {
        if (!entry.Exists)
        {
            bool isExpired = typeCode == RdbTypeCode.HashWithExpiry && !_values.SaidEmpty;
            _receiver.Dropped(key, isExpired ? DroppedKeyReason.AllFieldsExpired : DroppedKeyReason.Empty);
            return;
        }

        long dropAtUnixMs = _values.DropExpiredAtUnixMs;
        if (_expireAtUnixMs != Entry.NoExpiry && dropAtUnixMs != 0 && _expireAtUnixMs < dropAtUnixMs)
        {
            EntryBuilder.Free(entry, type);
            _receiver.Dropped(key, DroppedKeyReason.Expired);
            return;
        }

        if (!_receiver.Entry(entry, type, _idleSeconds, _frequency)) throw new InvalidDataException("The file holds the key twice");
    }

    private void ReadChecksum()
    {
        if (_version < RdbVersion.FirstWithChecksum) return;
        ulong computed = _verifiesChecksum ? _input.Checksum : 0;
        ulong stored = _input.UInt64();
        if (_verifiesChecksum && stored != 0 && stored != computed)
            throw new InvalidDataException($"RDB CRC error: expected {computed:x} but got {stored:x}");
    }

    private void ForgetAttributes()
    {
        _expireAtUnixMs = Entry.NoExpiry;
        _idleSeconds = -1;
        _frequency = -1;
    }

    private Span<byte> CopyKey(ReadOnlySpan<byte> bytes)
    {
        Span<byte> key = _key.WithRoomFor(bytes.Length);
        bytes.CopyTo(key);
        return key;
    }

    private SnapshotFormatException Failure(string reason)
    {
        string key = _keyLength < 0 ? "" : $", key '{Shown(Encoding.UTF8.GetString(_key.Bytes[..Math.Min(_keyLength, ShownKeyMax)]))}'";
        return new SnapshotFormatException($"Internal error in RDB reading offset {_input.Offset}{key} -> {reason}");
    }

    private static string Shown(string text) => string.Create(text.Length, text, static (shown, source) =>
    {
        for (int i = 0; i < shown.Length; i++) shown[i] = char.IsControl(source[i]) ? '?' : source[i];
    });
}

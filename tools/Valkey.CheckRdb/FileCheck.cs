// Goes through a file record by record and reports as Valkey's tool does: what it is doing, where, and at the first thing
// that is wrong what that is.
// Source of the words: the output of valkey-check-rdb.

using System.Buffers.Binary;
using System.Text;
using Valkey.Rdb;
using Valkey.Structures;

namespace Valkey.CheckRdb;

internal sealed class FileCheck(CheckOptions options, TextWriter output)
{
    private const int MagicBytes = 9;

    private readonly DatasetStatistics _statistics = new();
    private readonly byte[] _digits = new byte[IntegerText.LengthMax];
    private readonly long _nowUnixMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
    private RdbInput? _input;
    private ValueInspector? _values;
    private string _doing = "start";
    private string? _key;
    private int _typeCode = -1;
    private int _version;
    private int _database;
    private long _expireAtUnixMs = -1;
    private long _keyCount;
    private long _expiringCount;
    private long _expiredCount;
    private long _functionCount;
    private long _scriptCount;

    /// <summary>Where the snapshot ends in the file; it ends there too when something follows it.</summary>
    public long SizeBytes { get; private set; }

    /// <summary>Checks; returns the exit code.</summary>
    public int Run()
    {
        Info($"Checking RDB file {options.Path}");
        bool isSound = false;
        try
        {
            using FileSource source = new(options.Path);
            using RdbInput input = new(source) { HasChecksum = true };
            _input = input;
            using ValueInspector values = new(input);
            _values = values;
            CheckAll();
            SizeBytes = input.Offset;
            isSound = true;
        }
        catch (InvalidDataException exception)
        {
            Error(exception.Message);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Error($"Cannot read the file: {exception.Message}");
        }

        Info($"Check RDB returned error code {(isSound ? 0 : 1)} (0 means success)");
        if (isSound)
        {
            bool isStrict = _version <= RdbVersion.Highest && !RdbVersion.IsForeign(_version);
            Info(isStrict ? "\\o/ RDB looks OK! \\o/" : "\\o/ RDB looks OK, but loading requires config 'rdb-version-check relaxed'");
            Totals();
        }

        return isSound ? 0 : 1;
    }

    private void CheckAll()
    {
        CheckHead();
        _doing = "read-type";
        while (CheckRecord()) _doing = "read-type";
        CheckChecksum();
    }

    private void CheckHead()
    {
        string magic = Encoding.Latin1.GetString(_input!.Bytes(MagicBytes));
        bool isValkey = magic.StartsWith("VALKEY", StringComparison.Ordinal);
        if (!isValkey && !magic.StartsWith("REDIS0", StringComparison.Ordinal))
            throw new InvalidDataException("Wrong signature trying to load DB from file");
        if (!RdbHead.TryVersion(magic.AsSpan(6), isValkey, isRelaxed: true, out _version))
            throw new InvalidDataException($"Can't handle RDB format version {_version}");
        if (_version > RdbVersion.Highest) Info($"Future RDB version {_version} detected");
        else if (RdbVersion.IsForeign(_version)) Info($"Foreign RDB version {_version} detected");
    }

    private bool CheckRecord()
    {
        RdbInput input = _input!;
        byte code = input.Byte();
        if (code < RdbOperation.SlotImport)
        {
            CheckKey(code);
            return true;
        }

        switch (code)
        {
            case RdbOperation.End:
                return false;
            case RdbOperation.ExpireSeconds:
                _doing = "read-expire";
                _expireAtUnixMs = BinaryPrimitives.ReadInt32LittleEndian(input.Bytes(sizeof(int))) * 1000L;
                break;
            case RdbOperation.ExpireMs:
                _doing = "read-expire";
                _expireAtUnixMs = unchecked((long)input.UInt64());
                break;
            case RdbOperation.Frequency:
                _ = input.Byte();
                break;
            case RdbOperation.Idle:
                _ = input.Length();
                break;
            case RdbOperation.SelectDatabase:
                SelectDatabase();
                break;
            case RdbOperation.ResizeDatabase:
                _doing = "read-len";
                SkipLengths(2);
                break;
            case RdbOperation.SlotInfo:
                SkipLengths(3);
                break;
            case RdbOperation.SlotImport:
                input.SkipString();
                for (int i = input.Count(bytesEach: 2); i > 0; i--) SkipLengths(2);
                break;
            case RdbOperation.Field:
                CheckField();
                break;
            case RdbOperation.ModuleAux:
                CheckModuleAux();
                break;
            case RdbOperation.FunctionPreRelease:
                throw new InvalidDataException($"Pre-release function format not supported {_version}");
            default:
                _doing = "read-functions";
                input.SkipString();
                _functionCount++;
                break;
        }

        return true;
    }

    private void SelectDatabase()
    {
        _doing = "read-len";
        ulong index = _input!.Length();
        if (index > int.MaxValue) throw new InvalidDataException($"Database {index} cannot be");
        Info($"Selecting DB ID {index}");
        _database = (int)index;
        _ = _statistics.Of(_database, ValueKind.String);
    }

    private void CheckField()
    {
        _doing = "read-aux";
        string name = Text(_input!.String(_digits));
        string value = Text(_input.String(_digits));
        if (name.Equals("lua", StringComparison.OrdinalIgnoreCase)) _scriptCount++;
        Info($"AUX FIELD {name} = '{value}'");
    }

    private void CheckModuleAux()
    {
        _doing = "read-module-aux";
        string name = ModuleTypeName.Of(_input!.Length());
        ulong whenKind = _input.Length();
        _ = _input.Length();
        if (whenKind != RdbModulePart.UnsignedInteger) throw new InvalidDataException("bad when_opcode");
        Info($"MODULE AUX for: {name}");
        ModuleParts.Skip(_input, name);
    }

    private void CheckKey(byte code)
    {
        if (RdbVersion.IsForeign(_version) && code >= RdbTypeCode.FirstOfValkey)
            throw new InvalidDataException($"Unknown object type {code} in RDB file with foreign version {_version}");
        if (!RdbTypeCode.IsKnown(code))
        {
            throw new InvalidDataException(_version > RdbVersion.Highest
                ? $"Unknown object type {code} in RDB file with future version {_version}"
                : $"Invalid object type: {code}");
        }

        _typeCode = code;
        _doing = "read-key";
        ReadOnlySpan<byte> key = _input!.String(_digits);
        long keyBytes = key.Length;
        _key = Text(key);
        _keyCount++;
        _doing = "read-object-value";
        bool isExpired = _expireAtUnixMs != -1 && _expireAtUnixMs < _nowUnixMs;
        TypeStatistics statistics = _statistics.Of(_database, ValueInspector.KindOf(code));
        statistics.AddKey(keyBytes, _expireAtUnixMs != -1, isExpired);
        _values!.Inspect(code, statistics);
        if (isExpired) _expiredCount++;
        if (_expireAtUnixMs != -1) _expiringCount++;
        _key = null;
        _typeCode = -1;
        _expireAtUnixMs = -1;
    }

    private void CheckChecksum()
    {
        if (_version < RdbVersion.FirstWithChecksum) return;
        _doing = "check-sum";
        ulong computed = _input!.Checksum;
        ulong stored = _input.UInt64();
        if (stored == 0) Info("RDB file was saved with checksum disabled: no check performed.");
        else if (stored != computed) throw new InvalidDataException("RDB CRC error");
        else Info("Checksum OK");
    }

    private void SkipLengths(int count)
    {
        for (int i = 0; i < count; i++) _ = _input!.Length();
    }

    private void Info(string text) => output.Write($"[offset {_input?.Offset ?? 0}] {text}\n");

    private void Error(string reason)
    {
        output.Write("--- RDB ERROR DETECTED ---\n");
        Info(reason);
        output.Write($"[additional info] While doing: {_doing}\n");
        if (_key is not null) output.Write($"[additional info] Reading key '{_key}'\n");
        if (_typeCode >= 0) output.Write($"[additional info] Reading type {_typeCode} ({RdbTypeCode.NameOf(_typeCode)})\n");
        Totals();
    }

    private void Totals()
    {
        output.Write($"[info] {_keyCount} keys read\n[info] {_expiringCount} expires\n[info] {_expiredCount} already expired\n");
        output.Write($"[info] {_functionCount} functions\n");
        if (_scriptCount > 0) output.Write($"[info] {_scriptCount} lua scripts read\n");
        if (!options.ShowsStatistics) return;
        if (options.OutputPath is null)
        {
            _statistics.Print(options.Format, output);
            return;
        }

        using StreamWriter file = new(options.OutputPath);
        _statistics.Print(options.Format, file);
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}

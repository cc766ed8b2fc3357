// Reads one value behind its type code into an entry, by whichever type there is for it.
//
// Holds always: what is thrown is an InvalidDataException that says why; what the type had built by then it has freed.

using Valkey.Abstractions;

namespace Valkey.Rdb;

/// <summary>Who loads what.</summary>
internal interface ITypeDirectory
{
    /// <summary>The type that loads this type code, or null.</summary>
    DataType? TypeOf(byte typeCode);

    /// <summary>The module type of that id (of whatever encoding version), or null.</summary>
    DataType? ModuleTypeOf(ulong moduleId);
}

internal sealed class ValueLoader : IDisposable
{
    private readonly RdbInput _input;
    private readonly ValueDecoder _plain;
    private readonly LegacyDecoder _legacy;
    private readonly EntryBuilder _entries = new();

    public ValueLoader(RdbInput input)
    {
        _input = input;
        _plain = new ValueDecoder(input);
        _legacy = new LegacyDecoder(input, _plain);
    }

    /// <summary>Compact encodings are checked for what must be unique as well.</summary>
    public bool IsSanitizing
    {
        get => _plain.IsSanitizing;
        set => _plain.IsSanitizing = value;
    }

    /// <summary>Fields that were over then are left out; 0 to keep them.</summary>
    public long DropExpiredAtUnixMs
    {
        get => _plain.DropExpiredAtUnixMs;
        set => _plain.DropExpiredAtUnixMs = value;
    }

    /// <summary>Compact encodings that were checked while sanitizing.</summary>
    public long SanitizationCount => _plain.SanitizationCount;

    /// <summary>The value that was read last said that it has no elements.</summary>
    public bool SaidEmpty => _plain.SaysEmpty;

    /// <summary>Loads a value; an entry without address when it has no elements.</summary>
    public KeyEntry Load(byte typeCode, ReadOnlySpan<byte> key, long expireAtUnixMs, ITypeDirectory types, out DataType type)
    {
        _entries.ExpireAtUnixMs = expireAtUnixMs;
        _plain.Begin(typeCode);
        if (typeCode == RdbTypeCode.Module) return LoadModule(key, types, out type);
        if (!LegacyDecoder.Reads(typeCode))
        {
            type = types.TypeOf(typeCode) ?? throw NoType(typeCode);
            return type.Load(key, _plain, _entries);
        }

        type = types.TypeOf(LegacyDecoder.Successor(typeCode)) ?? throw NoType(typeCode);
        _legacy.Begin(typeCode);
        return type.Load(key, _legacy, _entries);
    }

    public void Dispose() => _legacy.Dispose();

    private KeyEntry LoadModule(ReadOnlySpan<byte> key, ITypeDirectory types, out DataType type)
    {
        ulong moduleId = _input.Length();
        string name = ModuleTypeName.Of(moduleId);
        type = types.ModuleTypeOf(moduleId)
            ?? throw new InvalidDataException($"The RDB file contains module data I can't load: no matching module type '{name}'");
        KeyEntry entry = type.Load(key, _plain, _entries);
        try
        {
            ulong end = _input.Length();
            if (end != RdbModulePart.End)
            {
                throw new InvalidDataException($"The RDB file contains module data for the module '{name}' that is not terminated by "
                    + "the proper module value EOF marker");
            }
        }
        catch (InvalidDataException)
        {
            if (entry.Exists) EntryBuilder.Free(entry, type);
            throw;
        }

        return entry;
    }

    private static InvalidDataException NoType(byte typeCode) => new(typeCode switch
    {
        RdbTypeCode.ModulePreRelease => "Pre-release module format not supported",
        RdbTypeCode.Stream or RdbTypeCode.Stream2 or RdbTypeCode.Stream3 =>
            "a stream needs the Streams plugin, which is not loaded",
        _ when RdbTypeCode.IsKnown(typeCode) =>
            $"a value of type code {typeCode} ({RdbTypeCode.NameOf(typeCode)}) needs a data type plugin that is not loaded",
        _ => $"Unknown RDB encoding type {typeCode}",
    });
}

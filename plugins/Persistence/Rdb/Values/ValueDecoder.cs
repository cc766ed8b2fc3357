// A value's parts on their way to its type: in the plain form, or marked with their kinds as modules have them.
//
// Compact encodings are checked here before any type sees them, every element of them: the types walk them by their own
// lengths, and a hostile file must not lead them out of their memory. What has to be unique is the type's to check, where
// IsSanitizing asks for it.
// Holds always: a part that is not of the kind asked for, or not there, is an InvalidDataException.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Rdb;

internal sealed class ValueDecoder(RdbInput input) : IValueReader
{
    private const ulong PackedContainer = 2;

    private readonly byte[] _digits = new byte[IntegerText.LengthMax];
    private bool _isModule;
    private bool _isFirstLength;
    private ulong _lastLength;

    /// <inheritdoc/>
    public byte TypeCode { get; private set; }

    /// <inheritdoc/>
    public bool IsSanitizing { get; set; }

    /// <inheritdoc/>
    public long DropExpiredAtUnixMs { get; set; }

    /// <summary>Compact encodings that were checked while sanitizing.</summary>
    public long SanitizationCount { get; private set; }

    /// <summary>The value says that it has no elements.</summary>
    public bool SaysEmpty { get; private set; }

    /// <summary>What follows is a value of this type code.</summary>
    public void Begin(byte typeCode)
    {
        TypeCode = typeCode;
        _isModule = typeCode == RdbTypeCode.Module;
        _isFirstLength = true;
        _lastLength = 0;
        SaysEmpty = false;
    }

    /// <inheritdoc/>
    public ulong Length()
    {
        if (_isModule) Expect(RdbModulePart.UnsignedInteger);
        _lastLength = input.Length();
        if (_isFirstLength) SaysEmpty = _lastLength == 0;
        _isFirstLength = false;
        return _lastLength;
    }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> String()
    {
        if (_isModule) Expect(RdbModulePart.String);
        ReadOnlySpan<byte> bytes = input.String(_digits);
        if (TypeCode >= RdbTypeCode.SetIntset) CheckCompact(bytes);
        return bytes;
    }

    /// <inheritdoc/>
    public double Double()
    {
        if (_isModule) Expect(RdbModulePart.Double);
        return TypeCode == RdbTypeCode.SortedSetText ? ScoreText.Read(input) : BitConverter.UInt64BitsToDouble(input.UInt64());
    }

    /// <inheritdoc/>
    public long Int64()
    {
        if (!_isModule) return unchecked((long)input.UInt64());
        Expect(RdbModulePart.SignedInteger);
        return unchecked((long)input.Length());
    }

    private void Expect(byte part)
    {
        ulong found = input.Length();
        bool isNumber = part is RdbModulePart.SignedInteger or RdbModulePart.UnsignedInteger
            && found is RdbModulePart.SignedInteger or RdbModulePart.UnsignedInteger;
        if (found != part && !isNumber)
            throw new InvalidDataException($"The module's value has a part of kind {found} where its type expects kind {part}");
    }

    private void CheckCompact(ReadOnlySpan<byte> bytes)
    {
        switch (TypeCode)
        {
            case RdbTypeCode.SetIntset: CompactEncodings.CheckIntset(bytes); break;
            case RdbTypeCode.HashListpack: CompactEncodings.CheckListpack(bytes, "Hash listpack"); break;
            case RdbTypeCode.SortedSetListpack: CompactEncodings.CheckListpack(bytes, "Zset listpack"); break;
            case RdbTypeCode.SetListpack: CompactEncodings.CheckListpack(bytes, "Set listpack"); break;
            case RdbTypeCode.ListQuicklist2 when _lastLength == PackedContainer: CompactEncodings.CheckListpack(bytes, "Listpack"); break;
            default: return;
        }

        if (IsSanitizing) SanitizationCount++;
    }
}

// A value's parts on their way to its type: in the plain form, or marked with their kinds as modules have them.
//
// Compact encodings are checked here before any type sees them, every element of them: the types walk them by their own
// lengths, and a hostile file must not lead them out of their memory. What has to be unique is the type's to check, where
// IsSanitizing asks for it.
// Holds always: a part that is not of the kind asked for, or not there, is an InvalidDataException.

using System.Buffers.Binary;
using System.Buffers.Text;
using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Rdb;

internal sealed class ValueDecoder(RdbInput input) : IValueReader
{
    private const ulong PackedContainer = 2;
    private const int TextInfinity = 254;
    private const int TextMinusInfinity = 255;
    private const int TextNaN = 253;

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
        return TypeCode == RdbTypeCode.SortedSetText ? TextDouble() : BitConverter.UInt64BitsToDouble(input.UInt64());
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

    private double TextDouble()
    {
        byte length = input.Byte();
        switch (length)
        {
            case TextMinusInfinity: return double.NegativeInfinity;
            case TextInfinity: return double.PositiveInfinity;
            case TextNaN: return double.NaN;
        }

        ReadOnlySpan<byte> text = input.Bytes(length);
        return Utf8Parser.TryParse(text, out double value, out int taken) && taken == text.Length
            ? value
            : throw new InvalidDataException("A score is not a number");
    }
}

/// <summary>Whether the bytes of a compact encoding hold together.</summary>
internal static class CompactEncodings
{
    private const int IntsetHeaderBytes = 8;

    /// <summary>Refuses what is not a listpack, every element looked at.</summary>
    public static void CheckListpack(ReadOnlySpan<byte> bytes, string what)
    {
        if (!Listpack.IsValid(bytes, everyElement: true)) throw new InvalidDataException($"{what} integrity check failed.");
    }

    /// <summary>Refuses what is not a row of integers in ascending order: [bytes of each: 4][count: 4][integers].</summary>
    public static void CheckIntset(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= IntsetHeaderBytes) throw BadIntset();
        uint width = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(bytes[sizeof(uint)..]);
        if (width is not (2 or 4 or 8) || count == 0 || IntsetHeaderBytes + ((ulong)width * count) != (ulong)bytes.Length) throw BadIntset();
        long before = long.MinValue;
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> at = bytes[(IntsetHeaderBytes + (int)(i * width))..];
            long value = width switch
            {
                2 => BinaryPrimitives.ReadInt16LittleEndian(at),
                4 => BinaryPrimitives.ReadInt32LittleEndian(at),
                _ => BinaryPrimitives.ReadInt64LittleEndian(at),
            };
            if (i > 0 && value <= before) throw BadIntset();
            before = value;
        }
    }

    private static InvalidDataException BadIntset() => new("Intset integrity check failed.");
}

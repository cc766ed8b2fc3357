// Values in encodings that nobody writes any more, shown to their types as the code that took their place: ziplists become
// listpacks (16, 17), the first quicklist the second (18); a list's single ziplist and a zipmap, whose elements may be of any
// size, a plain list (1) and a plain hash (4).
//
// Holds always: the old bytes are checked in full, duplicates of what must be unique included; one listpack at a time is
// ours, and is freed with the next call.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Rdb;

internal sealed class LegacyDecoder(RdbInput input, ValueDecoder plain) : IValueReader, IDisposable
{
    private readonly byte[] _digits = new byte[IntegerText.LengthMax];
    private byte _oldCode;
    private readonly ListpackBuilder _listpack = new();
    private ulong _nodesLeft;
    private bool _containerIsNext;
    private int _position;

    /// <inheritdoc/>
    public byte TypeCode { get; private set; }

    /// <inheritdoc/>
    public bool IsSanitizing => plain.IsSanitizing;

    /// <inheritdoc/>
    public long DropExpiredAtUnixMs => plain.DropExpiredAtUnixMs;

    /// <summary>Whether values of this code come through here.</summary>
    public static bool Reads(byte typeCode) => Successor(typeCode) != 0;

    /// <summary>The code under which a type sees values of an old code; 0 when the code is none.</summary>
    public static byte Successor(byte typeCode) => typeCode switch
    {
        RdbTypeCode.HashZipmap => RdbTypeCode.Hash,
        RdbTypeCode.HashZiplist => RdbTypeCode.HashListpack,
        RdbTypeCode.SortedSetZiplist => RdbTypeCode.SortedSetListpack,
        RdbTypeCode.ListZiplist => RdbTypeCode.List,
        RdbTypeCode.ListQuicklist => RdbTypeCode.ListQuicklist2,
        _ => 0,
    };

    /// <summary>What follows is a value of this old code.</summary>
    public void Begin(byte oldCode)
    {
        _oldCode = oldCode;
        TypeCode = Successor(oldCode);
        _nodesLeft = 0;
        _containerIsNext = false;
        _position = -1;
    }

    /// <inheritdoc/>
    public ulong Length()
    {
        if (_oldCode is RdbTypeCode.ListZiplist or RdbTypeCode.HashZipmap)
        {
            bool isMap = _oldCode == RdbTypeCode.HashZipmap;
            Convert(isMap ? "Zipmap" : "List ziplist", isMap);
            _position = _listpack.Result.First;
            return (ulong)_listpack.Result.Count / (isMap ? 2UL : 1UL);
        }

        if (_oldCode != RdbTypeCode.ListQuicklist) throw new InvalidDataException("A hash or sorted set in one piece has no lengths");
        if (!_containerIsNext)
        {
            _nodesLeft = input.Length();
            _containerIsNext = true;
            return _nodesLeft;
        }

        return 2; // every node is packed
    }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> String()
    {
        switch (_oldCode)
        {
            case RdbTypeCode.ListZiplist or RdbTypeCode.HashZipmap: return NextElement();
            case RdbTypeCode.ListQuicklist: Convert("Ziplist"); break;
            case RdbTypeCode.HashZiplist: Convert("Hash ziplist", isMap: true); break;
            default: Convert("Zset ziplist", isMap: true); break;
        }

        return _listpack.Result.Bytes;
    }

    /// <inheritdoc/>
    public double Double() => throw new InvalidDataException("There is no number here");

    /// <inheritdoc/>
    public long Int64() => throw new InvalidDataException("There is no number here");

    public void Dispose() => _listpack.Dispose();

    private ReadOnlySpan<byte> NextElement()
    {
        if (_position < 0) throw new InvalidDataException("There are no more elements");
        ReadOnlySpan<byte> text = _listpack.Result.At(_position).Text(_digits);
        _position = _listpack.Result.Next(_position);
        return text;
    }

    private void Convert(string what, bool isMap = false)
    {
        ReadOnlySpan<byte> bytes = input.String(_digits);
        _listpack.Start(isMap);
        bool isWhole = _oldCode == RdbTypeCode.HashZipmap ? Zipmap.TryRead(bytes, _listpack) : Ziplist.TryRead(bytes, _listpack);
        if (!isWhole || !_listpack.IsWhole) throw new InvalidDataException($"{what} integrity check failed.");
    }
}

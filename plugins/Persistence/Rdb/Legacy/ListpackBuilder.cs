// Makes a listpack of the elements of an old encoding, and looks for keys that come twice where they come in pairs.

using Valkey.Structures;

namespace Valkey.Rdb;

internal sealed class ListpackBuilder : IElementSink, IDisposable
{
    private readonly byte[] _digits = new byte[IntegerText.LengthMax];
    private readonly ElementSet _seen = new();
    private Listpack _listpack;
    private bool _isMap;
    private bool _valueIsNext;
    private bool _isBroken;

    /// <summary>What was made; ours.</summary>
    public Listpack Result => _listpack;

    /// <summary>Nothing came twice, everything fitted, and pairs are complete.</summary>
    public bool IsWhole => !_isBroken && !_valueIsNext;

    public void Start(bool isMap)
    {
        Dispose();
        _listpack = Listpack.Create();
        _isMap = isMap;
        _valueIsNext = false;
        _isBroken = false;
        _seen.Clear();
    }

    public void Text(ReadOnlySpan<byte> bytes)
    {
        if (!Admit(bytes)) return;
        _listpack = _listpack.Append(bytes);
    }

    public void Integer(long value)
    {
        if (!Admit(_digits.AsSpan(0, IntegerText.Format(value, _digits)))) return;
        _listpack = _listpack.AppendInteger(value);
    }

    public void Dispose()
    {
        if (!_listpack.IsNull) _listpack.Free();
        _listpack = default;
    }

    private bool Admit(ReadOnlySpan<byte> text)
    {
        if (!Listpack.FitsAdding(_listpack.TotalBytes, text.Length)) _isBroken = true;
        if (_isMap)
        {
            if (!_valueIsNext && !_seen.Add(text)) _isBroken = true;
            _valueIsNext = !_valueIsNext;
        }

        return !_isBroken;
    }
}

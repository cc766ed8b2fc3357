// Walks a list of either encoding. The list must not change meanwhile; dispose of the cursor.

using Valkey.Structures;

namespace Valkey.Lists;

/// <summary>A position in a list: <c>while (cursor.MoveNext()) ... cursor.Current</c>.</summary>
internal ref struct ListCursor
{
    private readonly Listpack _listpack;
    private readonly bool _reversed;
    private QuicklistCursor _quicklist;
    private int _position;
    private int _next;

    public ListCursor(Listpack listpack, long index, bool reversed)
    {
        _listpack = listpack;
        _reversed = reversed;
        _next = listpack.Seek(index);
    }

    public ListCursor(QuicklistCursor quicklist) => _quicklist = quicklist;

    /// <summary>The element that the last <see cref="MoveNext"/> arrived at.</summary>
    public readonly ListpackElement Current => _listpack.IsNull ? _quicklist.Current : _listpack.At(_position);

    /// <summary>Goes to the next element; false when there is none.</summary>
    public bool MoveNext()
    {
        if (_listpack.IsNull) return _quicklist.MoveNext();
        if (_next < 0) return false;

        _position = _next;
        _next = _reversed ? _listpack.Previous(_position) : _listpack.Next(_position);
        return true;
    }

    /// <summary>Gives the buffer back that a compressed node needed.</summary>
    public void Dispose() => _quicklist.Dispose();
}

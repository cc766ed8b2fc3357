// Walks the elements of a quicklist in one direction. A compressed node is decompressed into the cursor's own buffer, so
// walking changes nothing; the list must not change while a cursor is on it. Dispose of it.

using System.Runtime.CompilerServices;

namespace Valkey.Structures;

/// <summary>A position in a quicklist: <c>while (cursor.MoveNext()) ... cursor.Current</c>.</summary>
public ref struct QuicklistCursor
{
    private readonly Quicklist _list;
    private readonly bool _reversed;
    private int _node;
    private int _firstOffset;
    private int _position;
    private bool _isPlain;
    private bool _isInside;
    private ReadOnlySpan<byte> _plain;
    private Listpack _listpack;
    private NativeBuffer _scratch;

    internal QuicklistCursor(Quicklist list, int node, int offset, bool reversed)
    {
        _list = list;
        _reversed = reversed;
        _node = node;
        _firstOffset = offset;
    }

    /// <summary>The element that the last <see cref="MoveNext"/> arrived at; valid until the next.</summary>
    public readonly ListpackElement Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _isPlain ? new ListpackElement(_plain) : _listpack.At(_position);
    }

    /// <summary>Goes to the next element; false when there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool MoveNext()
    {
        if (_isInside && !_isPlain)
        {
            _position = _reversed ? _listpack.Previous(_position) : _listpack.Next(_position);
            if (_position >= 0) return true;
        }

        return MoveToNextNode();
    }

    /// <summary>Gives the buffer back.</summary>
    public void Dispose() => _scratch.Dispose();

    private bool MoveToNextNode()
    {
        if (_isInside) _node += _reversed ? -1 : 1;
        if ((uint)_node >= (uint)_list.NodeCount)
        {
            _isInside = false;
            _node = -1;
            return false;
        }

        ReadOnlySpan<byte> content = _list.ReadNode(_node, ref _scratch, out _isPlain);
        if (_isPlain) _plain = content;
        else Enter(Listpack.ViewOf(content));
        _isInside = true;
        return true;
    }

    private void Enter(Listpack listpack)
    {
        _listpack = listpack;
        if (!_isInside) _position = listpack.Seek(_firstOffset);
        else _position = _reversed ? listpack.Last : listpack.First;
    }
}

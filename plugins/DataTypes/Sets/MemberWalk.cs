// MemberWalk: goes through the members of a set, in the order in which they are stored, and stands at one of them. What is
// asked of it more than once (text of a number, number of a text, hash) is worked out once.
// Holds always: the set must not change while it is walked; spans end with the next step.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Sets;

internal ref struct MemberWalk
{
    private readonly SetValue _set;
    private readonly Span<byte> _scratch;
    private NativeTable<PackedStringTraits>.Enumerator _table;
    private int _place; // index in an intset, position in a listpack
    private ReadOnlySpan<byte> _text;
    private long _integer;
    private ulong _hash;
    private bool _isInteger;
    private bool _hasText;
    private bool _hasHash;

    /// <summary>Starts before the first member.</summary>
    /// <param name="set">The set.</param>
    /// <param name="scratch">Room for the text of a number, <see cref="IntegerText.LengthMax"/> bytes.</param>
    public MemberWalk(SetValue set, Span<byte> scratch)
    {
        _set = set;
        _scratch = scratch;
        _place = -1;
        if (set.Encoding == SetEncoding.Table) _table = set.Table.GetEnumerator();
    }

    /// <summary>The member as clients know it.</summary>
    public ReadOnlySpan<byte> Text
    {
        get
        {
            if (_hasText) return _text;

            _text = _scratch[..IntegerText.Format(_integer, _scratch)];
            _hasText = true;
            return _text;
        }
    }

    /// <summary><see cref="KeyHash"/> of the text.</summary>
    public ulong Hash
    {
        get
        {
            if (_hasHash) return _hash;

            _hash = KeyHash.Of(Text);
            _hasHash = true;
            return _hash;
        }
    }

    /// <summary>The address of the member's string in a table.</summary>
    public nint Address { get; private set; }

    /// <summary>Goes on to the next member; false when there is none.</summary>
    public bool MoveNext()
    {
        _hasHash = false;
        switch (_set.Encoding)
        {
            case SetEncoding.Intset:
                if (++_place >= _set.Intset.Count) return false;
                StandAt(_set.Intset[_place]);
                return true;
            case SetEncoding.Listpack:
                _place = _place < 0 ? _set.Listpack.First : _set.Listpack.Next(_place);
                if (_place < 0) return false;
                StandAt(_set.Listpack.At(_place));
                return true;
            default:
                if (!_table.MoveNext()) return false;
                Address = _table.Current;
                StandAt(new PackedString(Address).Span);
                return true;
        }
    }

    /// <summary>Whether the member is an integer, however it is stored, and which.</summary>
    public bool TryGetInteger(out long number)
    {
        number = _integer;
        return _isInteger || IntegerText.TryParse(_text, out number);
    }

    /// <summary>Whether the member is stored as a number.</summary>
    public readonly bool IsStoredAsInteger => _isInteger;

    /// <summary>The number, when it is stored as one.</summary>
    public readonly long Integer => _integer;

    /// <summary>Whether a listpack holds the member already before the place where the walk stands.</summary>
    public bool IsRepeatedInListpack() => _set.Listpack.Find(Text, _set.Listpack.First, skip: 0) != _place;

    /// <summary>Replies the member as a bulk string.</summary>
    public readonly void Reply(ReplyWriter reply)
    {
        if (_isInteger) reply.BulkInteger(_integer);
        else reply.Bulk(_text);
    }

    private void StandAt(long integer)
    {
        _integer = integer;
        _isInteger = true;
        _hasText = false;
    }

    private void StandAt(ReadOnlySpan<byte> text)
    {
        _text = text;
        _isInteger = false;
        _hasText = true;
    }

    private void StandAt(ListpackElement element)
    {
        if (element.IsInteger) StandAt(element.Integer);
        else StandAt(element.Bytes);
    }
}

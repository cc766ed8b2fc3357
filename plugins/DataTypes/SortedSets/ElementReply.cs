// A reply of members, with or without scores. With scores it is one flat array in RESP2 and an array of pairs in RESP3: a map
// would lose the order.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.SortedSets;

internal readonly ref struct ElementReply
{
    private readonly ReplyWriter _reply;
    private readonly bool _withScores;
    private readonly bool _isNested;

    /// <summary>Begins the reply.</summary>
    public ElementReply(ReplyWriter reply, long count, bool withScores)
    {
        _reply = reply;
        _withScores = withScores;
        _isNested = withScores && reply.ProtocolVersion > 2;
        reply.ArrayHeader(withScores && !_isNested ? count * 2 : count);
    }

    /// <summary>Writes one member.</summary>
    public void Write(in SortedSetCursor cursor)
    {
        if (_isNested) _reply.ArrayHeader(2);
        Span<byte> scratch = stackalloc byte[IntegerText.LengthMax];
        _reply.Bulk(cursor.Member(scratch));
        if (_withScores) _reply.Double(cursor.Score);
    }

    /// <summary>Writes one member of a large set.</summary>
    public void Write(ScoredElement element)
    {
        if (_isNested) _reply.ArrayHeader(2);
        _reply.Bulk(element.Member);
        if (_withScores) _reply.Double(element.Score);
    }
}

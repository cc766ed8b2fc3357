// TwinFilter: leaves out members that a compact set holds twice. Only a listpack from outside that was taken over unchecked
// (RESTORE without sanitize-dump-payload) can do so, but a reply that promises distinct members must not break then.
//
// A bit per hash says whether a member may have been seen before; only then is it looked for among those before it. So a sound
// set costs a hash per member, and hardly ever a search.
// Holds always: of equal members the first one is let through, and nothing else is left out.

using System.Runtime.CompilerServices;

namespace Valkey.Sets;

/// <summary>Finds repeated members while a set is walked from its start.</summary>
internal struct TwinFilter
{
    private readonly bool _isNeeded;
    private Bits _seen;

    /// <summary>For the members of one set.</summary>
    public TwinFilter(SetValue set) => _isNeeded = set.Encoding == SetEncoding.Listpack;

    /// <summary>Whether the member that the walk stands at was met before. Ask once for each.</summary>
    public bool IsRepeated(ref MemberWalk members)
    {
        if (!_isNeeded) return false;

        int bit = (int)(members.Hash % Bits.Count);
        ref ulong word = ref _seen[bit / 64];
        bool wasSet = (word & (1UL << bit)) != 0; // the shift takes the bit's place in its word
        word |= 1UL << bit;
        return wasSet && members.IsRepeatedInListpack();
    }

    // Room for the 128 members that a listpack has by default, thirty times over; a larger one searches more often.
    [InlineArray(WordCount)]
    private struct Bits
    {
        public const int Count = WordCount * 64;
        private const int WordCount = 64;

        private ulong _word;
    }
}

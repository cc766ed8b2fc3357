// The best candidates for eviction that samples have shown so far, so that a small sample each time comes close to knowing
// the order of all keys. Source: https://valkey.io/topics/lru-cache/ (approximated LRU)
//
// Holds always: candidates are sorted, the best (highest score) last. Their keys are copies: the key may be gone by the
// time its turn comes, and the taker has to look.

using System.Runtime.CompilerServices;

namespace Valkey.Host.Keyspace;

internal sealed class EvictionPool
{
    public const int Capacity = 16;

    private readonly Candidate[] _candidates = new Candidate[Capacity];

    /// <summary>Candidates in the pool.</summary>
    public int Count { get; private set; }

    /// <summary>Offers a key; taken when there is room, or when it is better than the worst candidate.</summary>
    public void Offer(ulong score, int databaseIndex, ReadOnlySpan<byte> key)
    {
        if (Count == Capacity && score <= _candidates[0].Score) return;
        int place = Count;
        while (place > 0 && _candidates[place - 1].Score >= score) place--;
        if (Count < Capacity)
        {
            Rotate(from: Count, to: place);
            Count++;
        }
        else
        {
            place--; // the worst one goes, and all up to the place move down by one
            Rotate(from: 0, to: place);
        }

        _candidates[place].Set(score, databaseIndex, key);
    }

    /// <summary>Takes the best candidate out. The key is valid until the next offer.</summary>
    public bool TryTakeBest(out int databaseIndex, out ReadOnlySpan<byte> key)
    {
        databaseIndex = 0;
        key = default;
        if (Count == 0) return false;
        ref Candidate best = ref _candidates[--Count];
        databaseIndex = best.DatabaseIndex;
        key = best.Key;
        return true;
    }

    /// <summary>Forgets all: scores of another policy mean nothing.</summary>
    public void Clear() => Count = 0;

    /// <summary>Moves one element; those between close the gap. Key buffers travel along and are used again.</summary>
    private void Rotate(int from, int to)
    {
        Candidate moved = _candidates[from];
        for (; from > to; from--) _candidates[from] = _candidates[from - 1];
        for (; from < to; from++) _candidates[from] = _candidates[from + 1];
        _candidates[to] = moved;
    }

    private struct Candidate
    {
        private const int ReusedKeyBytesMax = 4096;

        private byte[]? _keyBuffer;
        private int _keyLength;

        public ulong Score { get; private set; }

        public int DatabaseIndex { get; private set; }

        public readonly ReadOnlySpan<byte> Key => new(_keyBuffer, 0, _keyLength);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Set(ulong score, int databaseIndex, ReadOnlySpan<byte> key)
        {
            Score = score;
            DatabaseIndex = databaseIndex;
            _keyLength = key.Length;
            if (_keyBuffer is null || _keyBuffer.Length < key.Length || _keyBuffer.Length > ReusedKeyBytesMax)
                _keyBuffer = new byte[Math.Max(key.Length, 256)];
            key.CopyTo(_keyBuffer);
        }
    }
}

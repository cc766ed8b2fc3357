// BucketChain: a top-level bucket and its children, and how entries come and go there.
//
// Holds always: every bucket but the last has six entries and a child; the last one has room or is full, and a child has
// at least two entries. So the shape of a chain follows from its number of entries alone: nothing is wasted, adding looks
// for room only at the end, and the n-th entry is found without counting.
// The callers count children by the number that Append and RemoveAt add or take away.

using System.Diagnostics;
using System.Numerics;

namespace Valkey.Structures;

internal static unsafe class BucketChain
{
    private const int LastSlot = HashBucket.SlotCount - 1;

    /// <summary>The most entries in a chain of this many buckets.</summary>
    public static int EntryCountMax(int bucketCount) => (bucketCount * HashBucket.ChainedSlotCount) + 1;

    /// <summary>Adds an entry at the end.</summary>
    /// <returns>The number of buckets in the chain.</returns>
    public static int Append(HashBucket* top, nint entry, byte fingerprint, ref long childCount)
    {
        int depth = 1;
        HashBucket* last = top;
        while (last->HasChild)
        {
            last = last->Child;
            depth++;
        }

        if (last->IsFull)
        {
            HashBucket* child = AllocateChild(ref childCount);
            child->Add(last->EntryAt(LastSlot), last->FingerprintAt(LastSlot));
            last->Clear(LastSlot);
            last->Link(child);
            last = child;
            depth++;
        }

        last->Add(entry, fingerprint);
        return depth;
    }

    /// <summary>Takes the entry in this slot out and fills the hole from the chain's end.</summary>
    public static void RemoveAt(HashBucket* top, HashBucket* bucket, int slot, ref long childCount)
    {
        bucket->Clear(slot);
        if (!top->HasChild) return;

        HashBucket* parent = top;
        HashBucket* last = top->Child;
        while (last->HasChild)
        {
            parent = last;
            last = last->Child;
        }

        if (last != bucket)
        {
            int taken = BitOperations.TrailingZeroCount(last->Present);
            bucket->Set(slot, last->EntryAt(taken), last->FingerprintAt(taken));
            last->Clear(taken);
        }

        if (last->EntryCount == 1) Collapse(parent, last, ref childCount);
    }

    /// <summary>The entry with this number in the chain; 0 when there are not so many.</summary>
    public static nint EntryAt(HashBucket* top, int number)
    {
        HashBucket* bucket = top;
        while (bucket->HasChild && number >= HashBucket.ChainedSlotCount)
        {
            number -= HashBucket.ChainedSlotCount;
            bucket = bucket->Child;
        }

        uint present = bucket->Present;
        for (; number > 0; number--) present &= present - 1;
        return present == 0 ? 0 : bucket->EntryAt(BitOperations.TrailingZeroCount(present));
    }

    public static int CountEntries(HashBucket* top)
    {
        int count = 0;
        for (HashBucket* bucket = top; bucket != null; bucket = bucket->Child) count += bucket->EntryCount;
        return count;
    }

    public static int CountBuckets(HashBucket* top)
    {
        int count = 0;
        for (HashBucket* bucket = top; bucket != null; bucket = bucket->Child) count++;
        return count;
    }

    /// <summary>Writes the chain's entries from the first on; the target has room for all or takes what fits.</summary>
    /// <returns>The number written.</returns>
    public static int CopyTo(HashBucket* top, Span<nint> target)
    {
        int count = 0;
        for (HashBucket* bucket = top; bucket != null; bucket = bucket->Child)
        {
            for (uint present = bucket->Present; present != 0; present &= present - 1)
            {
                if (count == target.Length) return count;
                target[count++] = bucket->EntryAt(BitOperations.TrailingZeroCount(present));
            }
        }

        return count;
    }

    /// <summary>Frees a bucket's children but not the bucket, whose link the caller forgets.</summary>
    public static void FreeChildren(HashBucket* top, ref long childCount)
    {
        HashBucket* child = top->Child;
        while (child != null)
        {
            HashBucket* next = child->Child;
            FreeChild(child, ref childCount);
            child = next;
        }
    }

    private static void Collapse(HashBucket* parent, HashBucket* child, ref long childCount)
    {
        int slot = BitOperations.TrailingZeroCount(child->Present);
        nint entry = child->EntryAt(slot);
        byte fingerprint = child->FingerprintAt(slot);
        parent->Unlink();
        parent->Set(LastSlot, entry, fingerprint);
        FreeChild(child, ref childCount);
    }

    private static HashBucket* AllocateChild(ref long childCount)
    {
        HashBucket* child = (HashBucket*)NativeHeap.AllocateAligned(HashBucket.SizeBytes, HashBucket.SizeBytes);
        child->Reset();
        childCount++;
        return child;
    }

    private static void FreeChild(HashBucket* child, ref long childCount)
    {
        NativeHeap.Free((nint)child, HashBucket.SizeBytes);
        childCount--;
        Debug.Assert(childCount >= 0);
    }
}

// A quicklist as the parts of one listpack: the way in which a list that counts as a listpack lies in memory once it is larger
// than a part. One block of its size would waste up to a fifth of itself, since the allocator's size classes are a quarter
// apart; parts that fill a class waste only at the last one.

using System.Diagnostics;

namespace Valkey.Structures;

public readonly unsafe partial struct Quicklist
{
    /// <summary>Bytes of the listpack that holds all elements.</summary>
    public long JoinedBytes
    {
        get
        {
            long bytes = ListpackFormat.EmptyBytes;
            for (int i = 0; i < NodeCount; i++) bytes += ElementBytes(NodeAt(i));
            return bytes;
        }
    }

    /// <summary>The listpack that holds all elements, a block of its own; the list must not be compressed.</summary>
    public Listpack Join()
    {
        int totalBytes = checked((int)JoinedBytes);
        Listpack joined = Listpack.WithRoom(totalBytes, (int)Math.Min(Count, int.MaxValue));
        byte* target = (byte*)joined.Address + ListpackFormat.HeaderBytes;
        for (int i = 0; i < NodeCount; i++)
        {
            ref QuicklistNode node = ref NodeAt(i);
            long bytes = ElementBytes(node);
            if (node.IsPlain) new EncodedElement(node.Plain).WriteTo(target);
            else Buffer.MemoryCopy((byte*)node.Packed.Address + ListpackFormat.HeaderBytes, target, bytes, bytes);
            target += bytes;
        }

        Debug.Assert(*target == ListpackFormat.End);
        return joined;
    }

    /// <summary>Adds the elements of a listpack in nodes that keep to the fill; the listpack is freed.</summary>
    public void AddInParts(Listpack listpack)
    {
        ReadOnlySpan<byte> all = listpack.Bytes;
        int start = listpack.First;
        int count = 0;
        for (int position = start; position >= 0; count++)
        {
            int next = listpack.Next(position);
            int end = next >= 0 ? next : all.Length - 1;
            if (count > 0 && Fill.IsExceeded(end - start + ListpackFormat.EmptyBytes, count + 1))
            {
                AddPacked(Listpack.OfElements(all[start..position], count));
                start = position;
                count = 0;
            }

            position = next;
        }

        if (count > 0) AddPacked(Listpack.OfElements(all[start..^1], count));
        listpack.Free();
    }

    private static long ElementBytes(in QuicklistNode node) => node.IsPlain
        ? new EncodedElement(node.Plain).TotalBytes
        : node.SizeBytes - ListpackFormat.EmptyBytes;
}

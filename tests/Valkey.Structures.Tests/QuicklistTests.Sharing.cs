// A copy that shares nodes stays as it was, whatever happens to the other list, on whichever thread it is read and freed.

using System.Text;
using Xunit;

namespace Valkey.Structures.Tests;

public sealed partial class QuicklistTests
{
    [Theory]
    [InlineData(-1, 0)]
    [InlineData(-1, 1)]
    [InlineData(2, 0)]
    [InlineData(4, 1)]
    [InlineData(16, 2)]
    [InlineData(100, 0)]
    public void A_copy_that_shares_nodes_stays_as_it_was(int fill, int depth) => Seeded.Check(8, random =>
    {
        using MemoryBalance balance = new();
        List<byte[]> model = [];
        Quicklist list = Quicklist.Create(new ListFill(fill), depth);
        int longest = RandomLongest(random);
        List<(Quicklist List, List<byte[]> Model)> copies = [];
        for (int i = 0; i < 1000; i++)
        {
            Step(random, list, model, longest);
            if (copies.Count < 3 && random.Next(20) == 0)
            {
                Quicklist copy = list.CopyShared(out long addedBytes);
                Assert.True(addedBytes > 0);
                bool goesOnWithCopy = random.Next(2) == 0; // either may be the one that is changed
                copies.Add((goesOnWithCopy ? list : copy, [.. model]));
                if (goesOnWithCopy) list = copy;
            }

            if (random.Next(100) == 0) list = list.Relocate(new AlwaysMoving());
            if (copies.Count > 0 && random.Next(30) == 0) FreeOne(random, copies);
            if (i % 10 == 0) AssertSame(random, model, list);
        }

        if (random.Next(2) == 0)
        {
            list.Free();
            while (copies.Count > 0) FreeOne(random, copies);
        }
        else
        {
            while (copies.Count > 0) FreeOne(random, copies);
            AssertSame(random, model, list);
            list.Free();
        }
    });

    [Fact]
    public void A_copy_is_read_and_freed_by_another_thread_while_the_list_changes() => Seeded.Check(40, random =>
    {
        using MemoryBalance balance = new();
        List<byte[]> model = [];
        Quicklist list = Quicklist.Create(new ListFill(8), compressDepth: 1);
        for (int i = 0; i < 400; i++) Step(random, list, model, 300);
        for (int round = 0; round < 20; round++)
        {
            Quicklist copy = list.CopyShared(out _);
            List<byte[]> copied = [.. model];
            Task<bool> reading = Task.Run(() =>
            {
                bool isSame = Holds(copy, copied) && Holds(copy, copied);
                copy.Free();
                return isSame;
            });
            for (int i = 0; i < 100; i++) Step(random, list, model, 300);
            Assert.True(reading.Result);
            AssertSame(random, model, list);
        }

        list.Free();
    });

    [Fact]
    public void A_change_copies_the_node_that_it_changes_and_no_other()
    {
        using MemoryBalance balance = new();
        Quicklist list = Quicklist.Create(new ListFill(-2), compressDepth: 0);
        for (int i = 0; i < 250; i++) list.PushLast(Encoding.ASCII.GetBytes($"{i}".PadLeft(200, 'x')));
        long alone = NativeHeap.UsedBytes;

        Quicklist copy = list.CopyShared(out long addedBytes);
        long shared = NativeHeap.UsedBytes;
        list.Replace(7, "new"u8);
        long changed = NativeHeap.UsedBytes;
        list.Replace(8, "new"u8);

        Assert.InRange(shared - alone, 1, 1000);
        Assert.InRange(changed - shared, 1, 10_000);
        Assert.InRange(NativeHeap.UsedBytes, changed - 1000, changed);
        Assert.InRange(addedBytes, changed - alone, 3 * (changed - alone));

        copy.Free();
        list.Replace(200, "new"u8); // nobody else has the node any more: nothing is copied, and the table goes
        Assert.InRange(NativeHeap.UsedBytes, alone - 1000, alone);
        list.Free();
    }

    [Fact]
    public void A_list_of_one_node_or_very_many_is_copied_whole()
    {
        using MemoryBalance balance = new();
        foreach (int count in (int[])[3, 1000])
        {
            Quicklist list = Quicklist.Create(new ListFill(4), compressDepth: 0);
            for (int i = 0; i < count; i++) list.PushLast("an element"u8);
            long before = NativeHeap.UsedBytes;

            Quicklist copy = list.CopyShared(out long addedBytes);

            long blockBytes = 0;
            for (int i = 0; i < list.NodeCount; i++) blockBytes += list.FactsOf(i).MemoryBytes;
            Assert.True(NativeHeap.UsedBytes - before >= blockBytes);
            Assert.True(addedBytes >= blockBytes);
            copy.Free();
            list.Free();
        }
    }

    private static void FreeOne(Random random, List<(Quicklist List, List<byte[]> Model)> copies)
    {
        (Quicklist copy, List<byte[]> model) = copies[random.Next(copies.Count)];
        copies.Remove((copy, model));
        AssertSame(random, model, copy);
        copy.Free();
    }

    private static bool Holds(Quicklist list, List<byte[]> model)
    {
        byte[] scratch = new byte[IntegerText.LengthMax];
        int at = 0;
        bool isSame = list.Count == model.Count;
        QuicklistCursor cursor = list.CursorAt(0, reversed: false);
        while (cursor.MoveNext()) isSame &= cursor.Current.Text(scratch).SequenceEqual(model[at++]);
        cursor.Dispose();
        return isSame && at == model.Count;
    }
}

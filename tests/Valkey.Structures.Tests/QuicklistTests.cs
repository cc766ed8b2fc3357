using System.Globalization;
using System.Text;
using Xunit;

namespace Valkey.Structures.Tests;

public sealed partial class QuicklistTests
{
    [Theory]
    [InlineData(-1, 0)]
    [InlineData(-2, 1)]
    [InlineData(1, 0)]
    [InlineData(1, 1)]
    [InlineData(4, 0)]
    [InlineData(4, 2)]
    [InlineData(16, 1)]
    [InlineData(100, 3)]
    public void A_quicklist_behaves_like_a_list_of_byte_strings(int fill, int depth) => Seeded.Check(6, random =>
    {
        using MemoryBalance balance = new();
        List<byte[]> model = [];
        Quicklist list = Quicklist.Create(new ListFill(fill), depth);
        int longest = RandomLongest(random);
        for (int i = 0; i < 600; i++)
        {
            Step(random, list, model, longest);
            if (i % 10 == 0) AssertSame(random, model, list);
        }

        Quicklist copy = list.Copy();
        list.Free();
        AssertSame(random, model, copy);
        copy.Free();
    });

    [Fact]
    public void Inner_nodes_are_compressed_and_those_at_the_ends_are_not()
    {
        using MemoryBalance balance = new();
        Quicklist list = Quicklist.Create(new ListFill(10), compressDepth: 2);
        for (int i = 0; i < 200; i++) list.PushLast(Encoding.ASCII.GetBytes("the same text again " + i));

        Assert.Equal(20, list.NodeCount);
        for (int i = 0; i < 20; i++) Assert.Equal(i is >= 2 and < 18, list.FactsOf(i).IsCompressed);

        list.DeleteRange(0, 150);
        Assert.Equal(5, list.NodeCount);
        for (int i = 0; i < 5; i++) Assert.Equal(i == 2, list.FactsOf(i).IsCompressed);
        list.Free();
    }

    [Fact]
    public void Reading_a_compressed_list_leaves_it_compressed()
    {
        using MemoryBalance balance = new();
        Quicklist list = Quicklist.Create(new ListFill(10), compressDepth: 1);
        for (int i = 0; i < 200; i++) list.PushLast(Encoding.ASCII.GetBytes("the same text again " + i));
        long used = NativeHeap.UsedBytes;

        QuicklistCursor cursor = list.CursorAt(100, reversed: true);
        int seen = 0;
        while (cursor.MoveNext()) seen++;
        cursor.Dispose();

        Assert.Equal(101, seen);
        Assert.Equal(used, NativeHeap.UsedBytes);
        for (int i = 1; i < 19; i++) Assert.True(list.FactsOf(i).IsCompressed);
        list.Free();
    }

    [Theory]
    [InlineData(-2, 8192, false)]
    [InlineData(-2, 8193, true)]
    [InlineData(-1, 4097, true)]
    [InlineData(-5, 65536, false)]
    [InlineData(-5, 65537, true)]
    [InlineData(10, 8192, false)]
    [InlineData(10, 8193, true)]
    public void An_element_larger_than_a_node_gets_a_plain_node(int fill, int length, bool isPlain)
    {
        using MemoryBalance balance = new();
        Quicklist list = Quicklist.Create(new ListFill(fill), 0);
        list.PushLast("a"u8);

        list.PushLast(new byte[length]);

        Assert.Equal(2, list.NodeCount);
        Assert.Equal(isPlain, list.FactsOf(1).IsPlain);
        list.Free();
    }

    [Fact]
    public void The_lever_for_tests_makes_small_elements_large()
    {
        using MemoryBalance balance = new();
        ListFill.LargeElementBytes = 3;
        Quicklist list = Quicklist.Create(new ListFill(-2), 0);

        list.PushLast("ab"u8);
        list.PushLast("abc"u8);
        ListFill.LargeElementBytes = 0;

        Assert.False(list.FactsOf(0).IsPlain);
        Assert.True(list.FactsOf(1).IsPlain);
        list.Free();
    }

    [Theory]
    [InlineData(10, 5, 2, true)]
    [InlineData(10, 6, 2, false)]
    [InlineData(10, 10, 1, true)]
    [InlineData(10, 11, 1, false)]
    [InlineData(-2, 400, 1, false)] // one node's count says nothing, but it takes several
    public void A_list_of_one_small_node_can_become_a_listpack(int fill, int count, int divisor, bool expected)
    {
        using MemoryBalance balance = new();
        Quicklist list = Quicklist.Create(new ListFill(fill), 0);
        byte[] element = new byte[30];
        for (int i = 0; i < count; i++) list.PushLast(element);

        bool became = list.TryBecomeListpack(new ListFill(fill), divisor, out Listpack listpack);

        Assert.Equal(expected, became);
        if (became)
        {
            Assert.Equal(count, listpack.Count);
            listpack.Free();
        }
        else
        {
            list.Free();
        }
    }

    [Fact]
    public void A_list_grows_at_its_ends_without_leaving_gaps_in_memory()
    {
        using MemoryBalance balance = new();
        Quicklist list = Quicklist.Create(new ListFill(-2), 0);
        for (int i = 0; i < 20_000; i++)
        {
            if (i % 2 == 0) list.PushFirst(Encoding.ASCII.GetBytes($"element-{i}"));
            else list.PushLast(Encoding.ASCII.GetBytes($"element-{i}"));
        }

        long memory = (long)list.FrameMemoryBytes;
        for (int i = 0; i < list.NodeCount; i++) memory += list.FactsOf(i).MemoryBytes;

        Assert.InRange(memory, 20_000 * 13, 20_000 * 20);
        while (list.Count > 1)
        {
            list.DeleteFirst();
            if (list.Count > 1) list.DeleteLast();
        }

        Assert.InRange((long)list.FrameMemoryBytes, 1, 200);
        list.Free();
    }

    [Fact]
    public void Parts_are_what_one_listpack_would_be() => Seeded.Check(20, random =>
    {
        using MemoryBalance balance = new();
        int longest = random.Next(2) == 0 ? 40 : 3_000;
        List<byte[]> model = [];
        Listpack whole = Listpack.Create();
        Quicklist pushed = Quicklist.Create(ListFill.Part, 0);
        for (int i = random.Next(300); i > 0; i--)
        {
            model.Add(RandomElement(random, longest));
            whole = whole.Append(model[^1]);
            pushed.PushLast(model[^1]);
        }

        byte[] expected = whole.Bytes.ToArray();
        Quicklist split = Quicklist.Create(ListFill.Part, 0);
        split.AddInParts(whole);

        foreach (Quicklist parts in new[] { pushed, split })
        {
            AssertSame(random, model, parts);
            Assert.Equal(expected.Length, parts.JoinedBytes);
            Listpack joined = parts.Join();
            Assert.Equal(expected, joined.Bytes.ToArray());
            joined.Free();
            for (int i = 0; i < parts.NodeCount; i++)
            {
                QuicklistNodeFacts facts = parts.FactsOf(i);
                Assert.True(facts.Count == 1 || facts.SizeBytes <= ListFill.Part.BytesMax);
            }

            parts.Free();
        }
    });

    [Fact]
    public void Moving_the_blocks_keeps_the_content()
    {
        using MemoryBalance balance = new();
        Random random = new(3);
        List<byte[]> model = [];
        Quicklist list = Quicklist.Create(new ListFill(4), 1);
        for (int i = 0; i < 200; i++)
        {
            model.Add(Seeded.Bytes(random, random.Next(20_000)));
            list.PushLast(model[^1]);
        }

        Quicklist moved = list.Relocate(new AlwaysMoving());

        Assert.NotEqual(list, moved);
        AssertSame(random, model, moved);
        moved.Free();
    }

    private static void Step(Random random, Quicklist list, List<byte[]> model, int longest)
    {
        byte[] element = RandomElement(random, longest);
        byte[] pivot = model.Count == 0 || random.Next(3) == 0 ? RandomElement(random, longest) : model[random.Next(model.Count)];
        int index = model.Count == 0 ? 0 : random.Next(model.Count);
        switch (random.Next(15))
        {
            case <= 2:
                model.Insert(0, element);
                list.PushFirst(element);
                break;
            case <= 5:
                model.Add(element);
                list.PushLast(element);
                break;
            case <= 8:
                bool after = random.Next(2) == 0;
                int at = model.FindIndex(candidate => candidate.AsSpan().SequenceEqual(pivot));
                if (at >= 0) model.Insert(after ? at + 1 : at, element);
                Assert.Equal(at >= 0, list.InsertBeside(pivot, element, after));
                break;
            case <= 10:
                bool exists = random.Next(10) != 0 && model.Count > 0;
                if (exists) model[index] = element;
                Assert.Equal(exists, list.Replace(exists ? index - (random.Next(2) * model.Count) : model.Count, element));
                break;
            case 11 when model.Count > 0:
                model.RemoveAt(0);
                list.DeleteFirst();
                break;
            case 12 when model.Count > 0:
                model.RemoveAt(model.Count - 1);
                list.DeleteLast();
                break;
            case 13:
                int count = random.Next(random.Next(30) == 0 ? 500 : 8);
                list.DeleteRange(random.Next(2) == 0 ? index : index - model.Count, count);
                model.RemoveRange(index, Math.Min(count, model.Count - index));
                break;
            default:
                int most = random.Next(4);
                bool fromEnd = random.Next(2) == 0;
                Assert.Equal(RemoveMatches(model, pivot, most, fromEnd), list.DeleteMatches(pivot, most, fromEnd));
                break;
        }
    }

    private static int RemoveMatches(List<byte[]> model, byte[] element, int most, bool fromEnd)
    {
        int removed = 0;
        int i = fromEnd ? model.Count - 1 : 0;
        while ((uint)i < (uint)model.Count && (most == 0 || removed < most))
        {
            if (model[i].AsSpan().SequenceEqual(element))
            {
                model.RemoveAt(i);
                removed++;
                if (fromEnd) i--;
            }
            else
            {
                i += fromEnd ? -1 : 1;
            }
        }

        return removed;
    }

    private static int RandomLongest(Random random) => random.Next(3) switch { 0 => 20, 1 => 600, _ => 9_000 };

    private static byte[] RandomElement(Random random, int longest) => random.Next(4) switch
    {
        0 => Encoding.ASCII.GetBytes(random.Next(10).ToString(CultureInfo.InvariantCulture)),
        1 => Encoding.ASCII.GetBytes((random.NextInt64() >> random.Next(64)).ToString(CultureInfo.InvariantCulture)),
        2 => new byte[random.Next(longest)],
        _ => Seeded.Bytes(random, random.Next(longest)),
    };

    private static void AssertSame(Random random, List<byte[]> model, Quicklist list)
    {
        Assert.Equal(model.Count, list.Count);
        AssertNodes(list);
        AssertCursor(model, list, 0, reversed: false);
        AssertCursor(model, list, -1, reversed: true);
        AssertCursor(model, list, random.Next(-model.Count - 2, model.Count + 2), random.Next(2) == 0);
    }

    private static void AssertNodes(Quicklist list)
    {
        long count = 0;
        for (int i = 0; i < list.NodeCount; i++)
        {
            QuicklistNodeFacts facts = list.FactsOf(i);
            NativeBuffer scratch = default;
            ReadOnlySpan<byte> content = list.ReadNode(i, ref scratch, out bool isPlain);
            Assert.Equal(facts.SizeBytes, content.Length);
            Assert.Equal(facts.IsPlain, isPlain);
            if (!isPlain) Assert.True(Listpack.IsValid(content, everyElement: true));
            scratch.Dispose();
            count += facts.Count;
            bool isOuter = i < list.CompressDepth || i >= list.NodeCount - list.CompressDepth || list.CompressDepth == 0;
            Assert.False(isOuter && facts.IsCompressed);
            Assert.NotEqual(0, facts.Count);
            Assert.True(facts.Count <= Math.Max(list.Fill.CountMax, 1));
        }

        Assert.Equal(list.Count, count);
    }

    private static void AssertCursor(List<byte[]> model, Quicklist list, int index, bool reversed)
    {
        byte[] scratch = new byte[IntegerText.LengthMax];
        int expected = index < 0 ? index + model.Count : index;
        QuicklistCursor cursor = list.CursorAt(index, reversed);
        while (cursor.MoveNext())
        {
            Assert.True(cursor.Current.Text(scratch).SequenceEqual(model[expected]));
            expected += reversed ? -1 : 1;
        }

        Assert.False(cursor.MoveNext());
        cursor.Dispose();
        if (index >= -model.Count && index < model.Count) Assert.Equal(reversed ? -1 : model.Count, expected);
    }

    private sealed unsafe class AlwaysMoving : IBlockMover
    {
        public nint Move(nint address, nuint sizeBytes)
        {
            nint moved = NativeHeap.Allocate(sizeBytes);
            Buffer.MemoryCopy((void*)address, (void*)moved, sizeBytes, sizeBytes);
            NativeHeap.Free(address, sizeBytes);
            return moved;
        }
    }
}

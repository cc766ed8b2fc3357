using System.Runtime.InteropServices;
using Xunit;

namespace Valkey.Structures.Tests;

public sealed unsafe class NativeHeapTests
{
    private static readonly nint s_program = NativeLibrary.GetMainProgramHandle();

    private static readonly delegate* unmanaged<nint, nuint> s_usableSize =
        (delegate* unmanaged<nint, nuint>)NativeLibrary.GetExport(s_program, "malloc_usable_size");

    [Fact]
    public void The_size_class_is_what_the_allocator_really_gives()
    {
        foreach (nuint size in Sizes())
        {
            nint block = NativeHeap.Allocate(size);
            nuint actual = s_usableSize(block);
            NativeHeap.Free(block, size);

            nuint expected = NativeHeap.UsableSize(size);
            if (NativeHeap.IsJemalloc) Assert.True(expected == actual, $"{size}: {expected}, but really {actual}");
            // glibc leaves a rest that is too small for a chunk of its own with the block, and maps large ones by pages.
            else Assert.True(actual >= expected && actual - expected <= (size < 100_000 ? 16u : 4096u), $"{size}: {actual}");
        }
    }

    [Fact]
    public void The_size_class_is_what_jemalloc_announces()
    {
        if (!NativeHeap.IsJemalloc) return; // the run with jemalloc preloaded is the one that counts

        delegate* unmanaged<nuint, int, nuint> announce =
            (delegate* unmanaged<nuint, int, nuint>)NativeLibrary.GetExport(s_program, "nallocx");
        foreach (nuint size in Sizes())
        {
            if (size > 0) Assert.Equal(announce(size, 0), NativeHeap.UsableSize(size));
            nuint aligned = (size + 63) / 64 * 64;
            const int AlignTo64 = 6; // log2
            if (size > 0) Assert.Equal(announce(aligned, AlignTo64), NativeHeap.UsableSize(aligned));
        }
    }

    [Fact]
    public void A_size_class_is_its_own_size_class()
    {
        foreach (nuint size in Sizes())
        {
            nuint usable = NativeHeap.UsableSize(size);
            Assert.True(usable >= size);
            Assert.Equal(usable, NativeHeap.UsableSize(usable));
        }
    }

    [Fact]
    public void The_allocator_names_itself()
    {
        string expected = NativeLibrary.TryGetExport(s_program, "mallctl", out _) ? "jemalloc-" : "libc";

        Assert.StartsWith(expected, NativeHeap.AllocatorName, StringComparison.Ordinal);
        Assert.DoesNotContain("-0-g", NativeHeap.AllocatorName, StringComparison.Ordinal);
    }

    [Fact]
    public void Used_bytes_follow_every_block_and_return() => Seeded.Check(5, random =>
    {
        using MemoryBalance balance = new();
        List<(nint Address, nuint Size)> blocks = [];
        long expected = NativeHeap.UsedBytes;
        for (int i = 0; i < 5_000; i++)
        {
            int choice = random.Next(5);
            if (choice <= 2 || blocks.Count == 0)
            {
                nuint size = (nuint)(random.Next(20) == 0 ? random.Next(200_000) : random.Next(1, 600));
                blocks.Add((choice == 0 ? NativeHeap.AllocateZeroed(size) : NativeHeap.Allocate(size), size));
                expected += (long)NativeHeap.UsableSize(size);
            }
            else if (choice == 3)
            {
                int at = random.Next(blocks.Count);
                nuint size = (nuint)random.Next(1, 70_000);
                expected += (long)NativeHeap.UsableSize(size) - (long)NativeHeap.UsableSize(blocks[at].Size);
                blocks[at] = (NativeHeap.Reallocate(blocks[at].Address, blocks[at].Size, size), size);
            }
            else
            {
                (nint address, nuint size) = blocks[^1];
                blocks.RemoveAt(blocks.Count - 1);
                NativeHeap.Free(address, size);
                expected -= (long)NativeHeap.UsableSize(size);
            }

            Assert.Equal(expected, NativeHeap.UsedBytes);
        }

        foreach ((nint address, nuint size) in blocks) NativeHeap.Free(address, size);
    });

    [Fact]
    public void A_zeroed_block_is_zero_even_where_a_dirty_one_was()
    {
        foreach (nuint size in new nuint[] { 1, 7, 64, 1000, 40_000, 300_000 })
        {
            nint dirty = NativeHeap.Allocate(size);
            new Span<byte>((void*)dirty, (int)size).Fill(0xEE);
            NativeHeap.Free(dirty, size);

            nint block = NativeHeap.AllocateZeroed(size);

            Assert.False(new ReadOnlySpan<byte>((void*)block, (int)size).ContainsAnyExcept((byte)0));
            NativeHeap.Free(block, size);
        }
    }

    [Fact]
    public void Reallocating_keeps_the_bytes() => Seeded.Check(20, random =>
    {
        using MemoryBalance balance = new();
        byte[] content = Seeded.Bytes(random, random.Next(1, 100_000));
        nint block = NativeHeap.Reallocate(0, 0, (nuint)content.Length);
        content.CopyTo(new Span<byte>((void*)block, content.Length));
        int newLength = random.Next(1, 200_000);

        block = NativeHeap.Reallocate(block, (nuint)content.Length, (nuint)newLength);

        int kept = Math.Min(content.Length, newLength);
        Assert.True(new ReadOnlySpan<byte>((void*)block, kept).SequenceEqual(content.AsSpan(0, kept)));
        NativeHeap.Free(block, (nuint)newLength);
    });

    [Fact]
    public void Aligned_blocks_are_aligned_and_of_whole_multiples()
    {
        using MemoryBalance balance = new();
        for (nuint size = 64; size <= 70_000; size = (size * 3 / 2 / 64 * 64) + 64)
        {
            nint block = NativeHeap.AllocateAligned(size, 64);
            Assert.Equal(0, block % 64);
            NativeHeap.Free(block, size);
        }

        Assert.Throws<ArgumentException>(() => NativeHeap.AllocateAligned(100, 64));
    }

    [Fact]
    public void Threads_that_free_for_each_other_leave_the_sum_right()
    {
        using MemoryBalance balance = new();
        nint[] blocks = new nint[1000];
        RunOnThread(() =>
        {
            for (int i = 0; i < blocks.Length; i++) blocks[i] = NativeHeap.Allocate(100);
        });
        RunOnThread(() =>
        {
            foreach (nint block in blocks) NativeHeap.Free(block, 100);
        });
    }

    [Fact]
    public void The_balance_of_a_thread_that_ended_is_not_forgotten()
    {
        long before = NativeHeap.UsedBytes;
        for (int i = 0; i < 20; i++)
        {
            RunOnThread(() => NativeHeap.Account(1000));
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.Equal(before + 20_000, NativeHeap.UsedBytes);
        NativeHeap.Account(-20_000);
        Assert.Equal(before, NativeHeap.UsedBytes);
    }

    [Fact]
    public void An_impossible_size_is_an_OutOfMemoryException_and_counts_nothing()
    {
        using MemoryBalance balance = new();

        OutOfMemoryException ex = Assert.Throws<OutOfMemoryException>(() => NativeHeap.Allocate(nuint.MaxValue / 2));
        Assert.Throws<OutOfMemoryException>(() => NativeHeap.AllocateZeroed(nuint.MaxValue / 2));

        Assert.Contains("native memory", ex.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_allocators_statistics_see_what_we_allocate()
    {
        const nuint Size = 64 * 1024 * 1024;
        AllocatorStatistics before = NativeHeap.ReadStatistics();
        nint block = NativeHeap.AllocateZeroed(Size);
        new Span<byte>((void*)block, (int)Size).Fill(1);

        AllocatorStatistics after = NativeHeap.ReadStatistics();

        Assert.InRange(after.AllocatedBytes - before.AllocatedBytes, (long)Size * 9 / 10, (long)Size * 11 / 10);
        Assert.True(after.ActiveBytes >= after.AllocatedBytes);
        Assert.True(after.ResidentBytes >= after.ActiveBytes);
        NativeHeap.Free(block, Size);
        NativeHeap.Purge();
        Assert.True(NativeHeap.ReadStatistics().ResidentBytes < after.ResidentBytes);
    }

    private static IEnumerable<nuint> Sizes()
    {
        for (nuint size = 0; size <= 5_000; size++) yield return size;
        for (nuint size = 5_001; size <= 3_000_000; size += (size / 37) + 1) yield return size;
        for (nuint power = 8; power <= 1 << 24; power *= 2)
        {
            yield return power - 1;
            yield return power;
            yield return power + 1;
        }
    }

    private static void RunOnThread(Action action)
    {
        Thread thread = new(() => action());
        thread.Start();
        thread.Join();
    }
}

// All native memory of the server comes from here and is counted here.
//
// The functions are looked up in the program's global scope, so that an allocator that was preloaded (jemalloc) is the one
// that serves; a P/Invoke into "libc" would pass it by. Callers know the size of what they free: that makes freeing
// cheaper under jemalloc and lets us count without asking the allocator.
// Holds always: a block is freed with a size of the class that it was allocated with (UsableSize tells), so that
// UsedBytes returns to where it was. Any thread may allocate and free.

using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Valkey.Structures;

/// <summary>The allocator: native blocks, counted. Every method may be called from any thread.</summary>
public static unsafe class NativeHeap
{
    // Past this a call may map pages or copy for long, and must not hold up a collection of another thread.
    private const nuint QuickMaxBytes = 32 * 1024;

    private static readonly nint s_program = NativeLibrary.GetMainProgramHandle();

    private static readonly delegate* unmanaged[SuppressGCTransition]<nuint, void*> s_malloc =
        (delegate* unmanaged[SuppressGCTransition]<nuint, void*>)NativeLibrary.GetExport(s_program, "malloc");
    private static readonly delegate* unmanaged[SuppressGCTransition]<nuint, nuint, void*> s_alignedAlloc =
        (delegate* unmanaged[SuppressGCTransition]<nuint, nuint, void*>)NativeLibrary.GetExport(s_program, "aligned_alloc");
    private static readonly delegate* unmanaged[SuppressGCTransition]<void*, nuint, void*> s_realloc =
        (delegate* unmanaged[SuppressGCTransition]<void*, nuint, void*>)NativeLibrary.GetExport(s_program, "realloc");
    private static readonly delegate* unmanaged[SuppressGCTransition]<void*, void> s_free =
        (delegate* unmanaged[SuppressGCTransition]<void*, void>)NativeLibrary.GetExport(s_program, "free");
    private static readonly delegate* unmanaged[SuppressGCTransition]<void*, nuint, int, void> s_sizedFree =
        (delegate* unmanaged[SuppressGCTransition]<void*, nuint, int, void>)FindExport("sdallocx");

    private static readonly delegate* unmanaged<nuint, void*> s_slowMalloc = (delegate* unmanaged<nuint, void*>)s_malloc;
    private static readonly delegate* unmanaged<nuint, nuint, void*> s_slowCalloc =
        (delegate* unmanaged<nuint, nuint, void*>)NativeLibrary.GetExport(s_program, "calloc");
    private static readonly delegate* unmanaged<nuint, nuint, void*> s_slowAlignedAlloc =
        (delegate* unmanaged<nuint, nuint, void*>)s_alignedAlloc;
    private static readonly delegate* unmanaged<void*, nuint, void*> s_slowRealloc =
        (delegate* unmanaged<void*, nuint, void*>)s_realloc;
    private static readonly delegate* unmanaged<void*, void> s_slowFree = (delegate* unmanaged<void*, void>)s_free;

    /// <summary>Whether jemalloc serves; otherwise it is the C library's allocator.</summary>
    public static readonly bool IsJemalloc =
        FindExport("mallctl") != 0 && FindExport("mallocx") != 0 && FindExport("sdallocx") != 0;

    private static string? s_allocatorName;

    /// <summary>"jemalloc-" and its version, or "libc".</summary>
    public static string AllocatorName => s_allocatorName ??= AllocatorControl.ReadName();

    /// <summary>Bytes allocated and not yet freed, by size class, with what <see cref="Account"/> added.</summary>
    public static long UsedBytes => MemoryCounter.Sum();

    /// <summary>A block of at least <paramref name="sizeBytes"/> bytes, 16-byte aligned from 16 bytes up, not cleared.</summary>
    /// <exception cref="OutOfMemoryException">The allocator has no more.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Allocate(nuint sizeBytes)
    {
        void* block = sizeBytes <= QuickMaxBytes ? s_malloc(sizeBytes) : s_slowMalloc(sizeBytes);
        if (block == null) ThrowOutOfMemory(sizeBytes);
        MemoryCounter.Add((long)UsableSize(sizeBytes));
        return (nint)block;
    }

    /// <summary>As <see cref="Allocate"/>, all bytes zero.</summary>
    /// <exception cref="OutOfMemoryException">The allocator has no more.</exception>
    public static nint AllocateZeroed(nuint sizeBytes)
    {
        if (sizeBytes <= QuickMaxBytes)
        {
            nint small = Allocate(sizeBytes);
            NativeMemory.Clear((void*)small, sizeBytes);
            return small;
        }

        void* block = s_slowCalloc(1, sizeBytes);
        if (block == null) ThrowOutOfMemory(sizeBytes);
        MemoryCounter.Add((long)UsableSize(sizeBytes));
        return (nint)block;
    }

    /// <summary>A block at a multiple of <paramref name="alignment"/>, not cleared. Freed like any other.</summary>
    /// <param name="sizeBytes">A multiple of the alignment, so that the size class is the plain one.</param>
    /// <param name="alignment">A power of two from 8 to the page size.</param>
    /// <exception cref="OutOfMemoryException">The allocator has no more.</exception>
    public static nint AllocateAligned(nuint sizeBytes, nuint alignment)
    {
        Debug.Assert(BitOperations.IsPow2(alignment));
        if (sizeBytes % alignment != 0) ThrowNotAMultiple(sizeBytes, alignment);

        void* block = sizeBytes <= QuickMaxBytes
            ? s_alignedAlloc(alignment, sizeBytes)
            : s_slowAlignedAlloc(alignment, sizeBytes);
        if (block == null) ThrowOutOfMemory(sizeBytes);
        MemoryCounter.Add((long)UsableSize(sizeBytes));
        return (nint)block;
    }

    /// <summary>Grows or shrinks a block, moving it if need be. A null address allocates.</summary>
    /// <exception cref="OutOfMemoryException">The allocator has no more; the old block is untouched.</exception>
    public static nint Reallocate(nint address, nuint oldSizeBytes, nuint newSizeBytes)
    {
        if (address == 0) return Allocate(newSizeBytes);
        Debug.Assert(newSizeBytes > 0);

        void* block = oldSizeBytes <= QuickMaxBytes && newSizeBytes <= QuickMaxBytes
            ? s_realloc((void*)address, newSizeBytes)
            : s_slowRealloc((void*)address, newSizeBytes);
        if (block == null) ThrowOutOfMemory(newSizeBytes);
        MemoryCounter.Add((long)UsableSize(newSizeBytes) - (long)UsableSize(oldSizeBytes));
        return (nint)block;
    }

    /// <summary>Gives a block back. A null address is ignored.</summary>
    /// <param name="address">What an allocation here returned.</param>
    /// <param name="sizeBytes">The size it was allocated with, or any of the same <see cref="UsableSize"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Free(nint address, nuint sizeBytes)
    {
        if (address == 0) return;

        MemoryCounter.Add(-(long)UsableSize(sizeBytes));
        if (sizeBytes > QuickMaxBytes) s_slowFree((void*)address);
        else if (IsJemalloc) s_sizedFree((void*)address, sizeBytes, 0);
        else s_free((void*)address);
    }

    /// <summary>The bytes that the allocator really sets aside for a request: its size class, by arithmetic.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nuint UsableSize(nuint sizeBytes) =>
        IsJemalloc ? SizeClass.OfJemalloc(sizeBytes) : SizeClass.OfGlibc(sizeBytes);

    /// <summary>Counts memory that was not allocated here as part of <see cref="UsedBytes"/>; negative to end that.</summary>
    public static void Account(long deltaBytes) => MemoryCounter.Add(deltaBytes);

    /// <summary>What the allocator says about itself. Takes microseconds to milliseconds; not for a command's way.</summary>
    public static AllocatorStatistics ReadStatistics() => AllocatorControl.ReadStatistics();

    /// <summary>Gives pages that hold nothing back to the system. May take milliseconds.</summary>
    public static void Purge() => AllocatorControl.Purge();

    /// <summary>Lets a thread of the allocator give free pages back, or stops it. False when the allocator has none.</summary>
    public static bool SetBackgroundThread(bool enabled) => AllocatorControl.SetBackgroundThread(enabled);

    internal static nint FindExport(string name) => NativeLibrary.TryGetExport(s_program, name, out nint address) ? address : 0;

    [DoesNotReturn]
    private static void ThrowOutOfMemory(nuint sizeBytes) =>
#pragma warning disable CA2201 // this is what the exception is for; the runtime's own allocators of native memory throw it too
        throw new OutOfMemoryException($"The allocator could not provide {sizeBytes} bytes of native memory.");
#pragma warning restore CA2201

    [DoesNotReturn]
    private static void ThrowNotAMultiple(nuint sizeBytes, nuint alignment) =>
        throw new ArgumentException($"The size {sizeBytes} is not a multiple of the alignment {alignment}.");
}

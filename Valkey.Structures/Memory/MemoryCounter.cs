// How many bytes are in use, counted without an interlocked operation on the way.
//
// Every thread adds to a cell of its own; a reader sums all cells. A thread that frees what another one allocated makes
// its own cell negative, which is right: only the sum means something. Cells are native memory that is never freed; the
// cell of a thread that ended is handed, with the balance on it, to the next thread that needs one.
// Holds always: the sum of all cells is the number of bytes counted in and not yet counted out.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Valkey.Structures;

internal static unsafe class MemoryCounter
{
    private const nuint CellBytes = 64; // a cache line each, so that threads do not slow each other down

    private static readonly Lock s_lock = new();
    private static readonly Stack<nint> s_orphans = new();
    private static nint s_firstCell;

    [ThreadStatic]
    private static Cell* t_cell;

    [ThreadStatic]
    private static Lease? t_lease;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(long deltaBytes)
    {
        Cell* cell = t_cell;
        if (cell == null) cell = Register();
        cell->Bytes += deltaBytes;
    }

    /// <summary>The sum over all threads; exact when they stand still, otherwise off by what happens meanwhile.</summary>
    public static long Sum()
    {
        long sum = 0;
        for (Cell* cell = (Cell*)Volatile.Read(ref s_firstCell); cell != null; cell = cell->Next)
        {
            sum += Volatile.Read(ref cell->Bytes);
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Cell* Register()
    {
        lock (s_lock)
        {
            Cell* cell = s_orphans.TryPop(out nint orphan) ? (Cell*)orphan : Create();
            t_cell = cell;
            t_lease = new Lease((nint)cell);
            return cell;
        }
    }

    private static Cell* Create()
    {
        Cell* cell = (Cell*)NativeMemory.AlignedAlloc(CellBytes, CellBytes);
        cell->Bytes = 0;
        cell->Next = (Cell*)s_firstCell;
        Volatile.Write(ref s_firstCell, (nint)cell);
        return cell;
    }

    private struct Cell
    {
        public long Bytes;
        public Cell* Next;
    }

    /// <summary>Lives as long as its thread; then the collector finds it and the cell becomes free for another thread.</summary>
    private sealed class Lease(nint cell)
    {
        ~Lease()
        {
            lock (s_lock) s_orphans.Push(cell);
        }
    }
}

// Which processor the commit thread runs on, where there are not enough for all.
//
// On a fast disk the command thread waits awake and gives its processor to whoever is ready, so the commit thread can have that
// one nearly for nothing. The system does not know: it leaves the thread where it last ran, on the processor of the clients
// (a load generator, a proxy), whom it then interrupts thousands of times a second. So every few milliseconds the commit thread
// comes over to the command thread's processor, for once, and may leave it again at once: where another processor is idle, the
// system takes it there when it next wakes it.
// Holds always: afterwards the thread may use the processors that it could use before.

using System.Diagnostics;
using Valkey.Aof.Files;

namespace Valkey.Aof.Offload;

internal sealed unsafe class ProcessorCompany
{
    private const int ProcessorsMax = 1024, MaskBytes = ProcessorsMax / 8;
    private static readonly long s_intervalTicks = Stopwatch.Frequency / 200;

    private int _processor = -1;
    private long _dueTicks;

    /// <summary>The calling thread is the one to be joined, and runs here now.</summary>
    public void Note() => Volatile.Write(ref _processor, Libc.CurrentProcessor());

    /// <summary>Brings the calling thread to the processor that was noted, when it is time to.</summary>
    public void Join(long nowTicks)
    {
        if (nowTicks < _dueTicks) return;
        _dueTicks = nowTicks + s_intervalTicks;
        int processor = Volatile.Read(ref _processor);
        if (processor is < 0 or >= ProcessorsMax || processor == Libc.CurrentProcessor()) return;
        byte* masks = stackalloc byte[2 * MaskBytes];
        byte* allowed = masks, there = masks + MaskBytes;
        new Span<byte>(masks, 2 * MaskBytes).Clear();
        if (Libc.GetAffinity(0, MaskBytes, allowed) < 0) return;
        byte bit = (byte)(1 << (processor % 8));
        if ((allowed[processor / 8] & bit) == 0) return;
        there[processor / 8] = bit;
        if (Libc.SetAffinity(0, MaskBytes, there) == 0) _ = Libc.SetAffinity(0, MaskBytes, allowed);
    }
}

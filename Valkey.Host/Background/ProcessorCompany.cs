// The processor that the command thread runs on, and how another thread comes to it, where there are not enough for all.
//
// A thread whose work can wait for the commands (a commit thread while they wait for it, a snapshot) is best off there: it gets
// what they leave. The system does not know: it leaves the thread where it last ran, on the processor of the clients (a load
// generator, a proxy), whom it then interrupts or crowds out. So the thread comes over, for once, and may leave again at once:
// where another processor is idle, the system takes it there when it next wakes it.
// Holds always: afterwards the thread may use the processors that it could use before.

using Valkey.Host.Process;

namespace Valkey.Host.Background;

internal sealed unsafe class ProcessorCompany
{
    private const int MaskBytes = CpuAffinity.CpuCountMax / 8;

    private int _processor = -1;

    /// <summary>The calling thread is the one to be joined, and runs here now.</summary>
    public void Note() => Volatile.Write(ref _processor, Libc.CurrentProcessor());

    /// <summary>Brings the calling thread to the processor that was noted last, if it may run there.</summary>
    public void Join()
    {
        int processor = Volatile.Read(ref _processor);
        if (processor is < 0 or >= CpuAffinity.CpuCountMax || processor == Libc.CurrentProcessor()) return;
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

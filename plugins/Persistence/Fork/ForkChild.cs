// What the child does, from the return of fork to its end by _exit.
//
// It has a copy of all memory and one thread. Everything that it runs was compiled before, to its last form: the methods here
// are compiled once and optimized at once (prepared when the provider is made), the walk through the dataset is rehearsed.
// Holds always in the child: no managed allocation, no lock, no log line, no return into the parent's code; it writes to the
// snapshot's descriptor, to the pipe and to its page of the report, and it dies with its parent.

using System.Reflection;
using System.Runtime;
using System.Runtime.CompilerServices;
using Valkey.Abstractions;

namespace Valkey.Persistence.Fork;

internal sealed unsafe class ForkChild : IWriteProgress, IDisposable
{
    public const byte AliveByte = (byte)'a';

    private const int ExitSuccess = 0, ExitFailure = 1;
    private const long CopyOnWriteIntervalUs = 1_000_000;
    private const long CopyOnWriteDutyCycle = 100; // of a hundred parts of the time one goes into measuring
    private const int DescriptorsMax = 1 << 16;
    private const int FirstOwnDescriptor = 3; // below are standard input, output and error

    private readonly IDataset _dataset;
    private readonly ISnapshotWriter _writer;
    private readonly FileSink _sink;
    private readonly ChildReport* _report;
    private readonly int _fileDescriptor;
    private readonly int _aliveDescriptor;
    private readonly byte* _cpuMask;
    private readonly NeverCalledBefore _neverCalled = new();
    private readonly int _parentProcessId = Environment.ProcessId;
    private long _copyOnWriteDueUs;
    private bool _isRehearsal;

    /// <param name="dataset">What is written.</param>
    /// <param name="format">How it is written.</param>
    /// <param name="header">What stands at its head.</param>
    /// <param name="fileDescriptor">Where to.</param>
    /// <param name="aliveDescriptor">The pipe's end that takes the first byte.</param>
    /// <param name="report">The shared page.</param>
    /// <param name="cpuMask">CPUs to run on, <see cref="CpuList.MaskBytes"/> bytes; null for all.</param>
    /// <param name="startsWritingEarly">rdb-save-incremental-fsync.</param>
    public ForkChild(
        IDataset dataset, ISnapshotFormat format, SnapshotHeader header, int fileDescriptor, int aliveDescriptor, ChildReport* report,
        byte* cpuMask, bool startsWritingEarly)
    {
        _dataset = dataset;
        _report = report;
        _fileDescriptor = fileDescriptor;
        _aliveDescriptor = aliveDescriptor;
        _cpuMask = cpuMask;
        _sink = new FileSink(fileDescriptor, startsWritingEarly, report);
        _writer = format.CreateWriter(_sink, header);
    }

    /// <summary>Compiles what a child runs of this assembly. Called once, before the first fork.</summary>
    public static void Prepare()
    {
        const BindingFlags All =
            BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        RuntimeHelpers.RunClassConstructor(typeof(Native).TypeHandle);
        foreach (Type type in (Type[])[typeof(Native), typeof(CopyOnWrite), typeof(FileSink), typeof(ForkChild)])
        {
            foreach (MethodInfo method in type.GetMethods(All)) RuntimeHelpers.PrepareMethod(method.MethodHandle);
        }
    }

    /// <summary>Forks. Only the parent returns.</summary>
    /// <param name="signalMask">The signals that the child is to have blocked, none; they are all blocked during the call.</param>
    /// <returns>The child's id, or the negated error number.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public int Fork(void* signalMask)
    {
        int processId = Native.Fork();
        if (processId == 0) Run(signalMask);
        return processId < 0 ? -Native.ErrorNumber : processId;
    }

    /// <summary>The child's work, as far as the parent can do it too: so that all of it is compiled before it is needed.</summary>
    /// <returns>How many values were written that were of kinds not written often enough yet.</returns>
    public long Rehearse(int keysMax)
    {
        _isRehearsal = true;
        long written = _dataset.Rehearse(_writer, this, keysMax);
        // The runtime binds a call through an interface at the place of the call, when it is made first. So this very call has
        // to be made; a sink that has failed makes it return at once.
        _sink.IsOutOfOrder = true;
        WriteDataset();
        _sink.IsOutOfOrder = false;
        _isRehearsal = false;
        _sink.Reset(); // nowhere can be written to but not synced
        return written;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void KeysWritten(long count)
    {
        _report->KeysWritten = count;
        long nowUs = Native.NowUs();
        if (nowUs >= _copyOnWriteDueUs) MeasureCopyOnWrite(nowUs);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _writer.Dispose();
        _sink.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Run(void* signalMask)
    {
        // If some thread was about to have managed code stand still, this return waits for what never comes, and the parent,
        // which gets no byte, kills us and forks again. Once we are past it, nobody is left who could ask for that.
        _ = Native.ProcessIdWithTransition();

        // The same for the locks of the runtime's compiler and loader: whoever held one at the fork is not here to release it, and
        // the first value of some kind that was not rehearsed would make us wait for it in the middle of the dataset.
        byte alive = NeverCalledBefore.Everything(_neverCalled, AliveByte);
        _ = Native.Write(_aliveDescriptor, &alive, 1);
        try
        {
            Settle(signalMask);
            WriteDataset();
            End(_sink.ErrorNumber == 0 ? ChildOutcome.Complete : ChildOutcome.SystemError);
        }
        catch
        {
            // A type's code threw, against its contract. There is no telling what works now; leaving does.
            End(ChildOutcome.Exception);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void WriteDataset()
    {
        long compiledBefore = JitInfo.GetCompiledMethodCount(currentThread: true);
        _dataset.WriteTo(_writer, this);
        _sink.Sync();
        MeasureCopyOnWrite(Native.NowUs());
        _report->CompiledMethods = JitInfo.GetCompiledMethodCount(currentThread: true) - compiledBefore;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void End(ChildOutcome outcome)
    {
        _report->ErrorNumber = _sink.ErrorNumber;
        Volatile.Write(ref _report->Outcome, (int)outcome);
        Native.Exit(outcome == ChildOutcome.Complete ? ExitSuccess : ExitFailure);
    }

    /// <summary>Becomes a process of its own: signals, descriptors, name, CPUs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Settle(void* signalMask)
    {
        _ = Native.Prctl(Native.PrctlParentDeathSignal, Native.SigKill, 0, 0, 0);
        if (Native.ParentProcessId() != _parentProcessId) Native.Exit(ExitFailure); // it died before that

        // The runtime's handlers write into a pipe that the parent reads: a signal for us would be taken for one of its own.
        _ = Native.Signal(Native.SigInt, Native.Ignore);
        _ = Native.Signal(Native.SigTerm, Native.Ignore);
        _ = Native.Signal(Native.SigHangUp, Native.Ignore);
        _ = Native.Signal(Native.SigQuit, Native.Ignore);
        _ = Native.Signal(Native.SigStop, Native.DefaultAction);
        _ = Native.Signal(Native.SigChild, Native.DefaultAction);
        _ = Native.Signal(Native.SigContinue, Native.DefaultAction);
        _ = Native.Signal(Native.SigUser1, Native.DefaultAction);
        // A bad access becomes an exception in the runtime, which allocates and locks: better dead than stuck.
        _ = Native.Signal(Native.SigSegv, Native.DefaultAction);
        _ = Native.Signal(Native.SigBus, Native.DefaultAction);
        _ = Native.Signal(Native.SigFpe, Native.DefaultAction);
        _ = Native.Signal(Native.SigIll, Native.DefaultAction);
        _ = Native.Signal(Native.SigAbort, Native.DefaultAction);
        _ = Native.SignalMask(Native.SetSignalMask, signalMask, null);

        CloseOthers();
        fixed (byte* name = "rdb-bgsave\0"u8) _ = Native.Prctl(Native.PrctlSetName, (nuint)name, 0, 0, 0);
        if (_cpuMask != null) _ = Native.SetAffinity(0, CpuList.MaskBytes, _cpuMask);
    }

    /// <summary>Listeners and clients are the parent's: their peers must see when it closes them, or dies.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void CloseOthers()
    {
        int kept = _fileDescriptor;
        _ = Native.Close(_aliveDescriptor);
        if (kept > FirstOwnDescriptor && !CloseRange(FirstOwnDescriptor, (uint)kept - 1))
        {
            for (int i = FirstOwnDescriptor; i < DescriptorsMax; i++)
            {
                if (i != kept) _ = Native.Close(i);
            }

            return;
        }

        _ = CloseRange((uint)Math.Max(kept + 1, FirstOwnDescriptor), uint.MaxValue);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool CloseRange(uint first, uint last) =>
        Native.SystemCall(Native.CloseRangeNumber, (nint)first, (nint)last, 0) == 0;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void MeasureCopyOnWrite(long startUs)
    {
        long bytes = CopyOnWrite.ReadBytes(_isRehearsal);
        _report->CopyOnWriteBytes = bytes;
        if (bytes > _report->CopyOnWritePeakBytes) _report->CopyOnWritePeakBytes = bytes;
        long nowUs = Native.NowUs();
        _copyOnWriteDueUs = nowUs + Math.Max(CopyOnWriteIntervalUs, (nowUs - startUs) * CopyOnWriteDutyCycle);
    }
}

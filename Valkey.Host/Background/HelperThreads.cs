// The helper threads' gate: before a fork every helper has to be where a copy of the process can do without it, because the
// copy has the memory of all threads and only the one that forked.
//
// A helper says by one store that it is about to wait (Enter) and by one exchange that it goes on (Leave): no lock on its
// way, and none that a forked child could find taken for ever. Parking shuts the gate and waits until all have entered; a
// helper that finds the gate shut sleeps on its word in the kernel.
// How long parking waits is the sum of its own naps, of which none counts as more than a millisecond: a virtual machine that stood
// still for a second would else look like a helper that was busy all the while.
// Holds always: a helper is either parked (it waits in native code and touches nothing) or at work; while the gate is shut
// none goes from parked to work. The exchange on both sides is a full fence, so not both can miss the other.

using System.Diagnostics;
using System.Runtime.InteropServices;
using Valkey.Abstractions;
using Valkey.Host.Loop;

namespace Valkey.Host.Background;

/// <param name="cpuList">bio-cpulist.</param>
internal sealed unsafe class HelperThreads(string cpuList = "") : IHelperThreads
{
    private const int SpinsBeforeSleep = 20;
    private const uint NapMicroseconds = 50;
    private static readonly long s_napMaxTicks = Stopwatch.Frequency / 1000;

    private readonly Lock _registering = new();
    private readonly int* _shut = (int*)NativeMemory.AllocZeroed(sizeof(int)); // lives as long as the process
    private readonly ProcessorCompany _company = new();
    private Gate[] _gates = [];

    /// <inheritdoc/>
    public IHelperGate Register(string name)
    {
        Gate gate = new(this, name);
        lock (_registering) _gates = [.. _gates, gate];
        return gate;
    }

    /// <inheritdoc/>
    public bool BindThread()
    {
        _ = Process.CpuAffinity.Apply(cpuList);
        return cpuList.Length > 0;
    }

    /// <summary>The command thread goes on. Once per turn of the loop.</summary>
    public void NoteCommandThread() => _company.Note();

    /// <inheritdoc/>
    public void JoinCommandThread() => _company.Join();

    /// <inheritdoc/>
    public IDisposable Park(int waitMs, out string missing)
    {
        _registering.Enter(); // who registers meanwhile waits until the gate is open again
        long leftTicks = waitMs * s_napMaxTicks;
        Interlocked.Exchange(ref *_shut, 1);
        List<string>? late = null;
        foreach (Gate gate in _gates)
        {
            if (!gate.WaitUntilParked(ref leftTicks)) (late ??= []).Add(gate.Name);
        }

        missing = late is null ? "" : string.Join(", ", late);
        return new Commands.Registration(Open);
    }

    private void Open()
    {
        Interlocked.Exchange(ref *_shut, 0);
        _ = Libc.Futex(_shut, Libc.FutexWakePrivate, int.MaxValue);
        _registering.Exit();
    }

    private void Remove(Gate gate)
    {
        lock (_registering) _gates = Array.FindAll(_gates, other => other != gate);
    }

    private sealed class Gate(HelperThreads owner, string name) : IHelperGate
    {
        private int _isWorking = 1;

        public string Name { get; } = name;

        public bool IsWorking => Volatile.Read(ref _isWorking) != 0;

        public void Enter() => Volatile.Write(ref _isWorking, 0);

        public void Leave()
        {
            while (true)
            {
                Interlocked.Exchange(ref _isWorking, 1);
                if (Volatile.Read(ref *owner._shut) == 0) return;
                Volatile.Write(ref _isWorking, 0);
                _ = Libc.Futex(owner._shut, Libc.FutexWaitPrivate, 1); // returns at once when it is open by now
            }
        }

        public void Dispose()
        {
            Enter();
            owner.Remove(this);
        }

        public bool WaitUntilParked(ref long leftTicks)
        {
            for (int round = 0; IsWorking; round++)
            {
                if (round < SpinsBeforeSleep)
                {
                    Thread.SpinWait(10);
                    continue;
                }

                if (leftTicks <= 0) return false;
                long startTicks = Stopwatch.GetTimestamp();
                _ = Libc.SleepMicroseconds(NapMicroseconds);
                leftTicks -= Math.Min(Stopwatch.GetTimestamp() - startTicks, s_napMaxTicks);
            }

            return true;
        }
    }
}

// The thread on which iterations are worked on, one after the other. It is made once and waits at its gate in between: starting
// a thread within BGSAVE makes the commands wait until the system has found a processor for it.

using Valkey.Abstractions;
using Valkey.Host.Background;

namespace Valkey.Host.Iteration;

internal sealed class IterationThread(Server server) : IDisposable
{
    private readonly HelperQueue<BackgroundIteration> _work = new();
    private bool _isStarted;

    /// <summary>Makes the thread, if there is none yet. Command thread.</summary>
    public void Start()
    {
        if (_isStarted) return;
        _isStarted = true;
        IterationCourtesy courtesy = new(server.HelperThreads, Process.ThreadSchedule.OfThisThread());
        IHelperGate gate = server.HelperThreads.Register("snapshot"); // here: the thread counts before its first step
        new Thread(() => Loop(gate, courtesy)) { IsBackground = true, Name = "snapshot" }.Start();
    }

    /// <summary>Works on an iteration when the ones before are done. Command thread.</summary>
    public void Run(BackgroundIteration iteration)
    {
        Start();
        _work.Add(iteration);
    }

    /// <summary>Ends the thread when it is done with its present iteration.</summary>
    public void Dispose() => _work.Dispose();

    private void Loop(IHelperGate gate, IterationCourtesy courtesy)
    {
        string cpuList = server.OptionRegistry.Find("bgsave-cpulist")?.Text ?? "";
        courtesy.StaysWhereItIs = cpuList.Length > 0;
        Process.CpuAffinity.Apply(cpuList);
        while (_work.TryTake(gate, out BackgroundIteration iteration)) iteration.ProcessAll(gate, courtesy);
        gate.Dispose();
    }
}

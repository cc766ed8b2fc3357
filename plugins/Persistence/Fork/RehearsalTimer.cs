// When the rehearsal runs: a little of it beside the commands, until the runtime has nothing more to compile, and then a look
// now and then for kinds of values that are new; and once more right before a fork.
//
// The runtime compiles in steps: after 30 calls, and 100 ms in which nothing new was compiled, a method is compiled again with
// what was learnt. So a rehearsal takes many calls, spread over some seconds.
// Holds always: a step takes milliseconds at most; what it writes goes to /dev/null. Command thread only.

using Valkey.Abstractions;

namespace Valkey.Persistence.Fork;

internal sealed unsafe class RehearsalTimer
{
    private const int StepMs = 120; // longer than the runtime waits before it compiles
    private const int IdleSteps = 8; // a look about once a second when there is nothing to do
    private const int KeysPerStep = 256;
    private const int KeysBeforeFork = 1024;

    private readonly IPluginContext _context;
    private readonly ChildReport* _report;
    private readonly IDisposable _timer;
    private ForkChild? _child;
    private int _stepsToSkip;

    /// <param name="context">The server.</param>
    /// <param name="report">A page of its own, which nobody reads.</param>
    public RehearsalTimer(IPluginContext context, ChildReport* report)
    {
        _context = context;
        _report = report;
        _timer = context.Timers.Every(TimeSpan.FromMilliseconds(StepMs), Step);
    }

    /// <summary>A last rehearsal, on which nothing is waited for.</summary>
    public void RunBeforeFork(SnapshotRequest request)
    {
        _child ??= Create(request);
        _ = _child.Rehearse(KeysBeforeFork);
    }

    public void Close()
    {
        _timer.Dispose();
        _child?.Dispose();
    }

    private void Step()
    {
        if (_stepsToSkip-- > 0) return;
        if (_child is null) return;
        if (_child.Rehearse(KeysPerStep) == 0) _stepsToSkip = IdleSteps;
    }

    private ForkChild Create(SnapshotRequest request)
    {
        ForkChild.Prepare();
        int nowhere;
        fixed (byte* path = "/dev/null\0"u8) nowhere = Native.Open(-100, path, Native.OpenWriteOnly | Native.OpenCloseOnExec, 0);
        return new ForkChild(_context.Persistence.Dataset, request, nowhere, -1, _report, null, startsWritingEarly: true);
    }
}

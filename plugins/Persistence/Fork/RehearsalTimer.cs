// When the rehearsal runs: a little of it beside the commands, until every kind of value has been written often enough, and then
// a look now and then for kinds that are new; and once more right before a fork.
//
// The runtime compiles in steps: after 30 calls, and 100 ms in which nothing new was compiled, a method is compiled again with
// what was learnt. So a rehearsal takes many calls, spread over some seconds.
// Holds always: a step takes a millisecond or so; what it writes goes to /dev/null. Command thread only.

using Valkey.Abstractions;

namespace Valkey.Persistence.Fork;

internal sealed unsafe class RehearsalTimer
{
    private const int StepMs = 120; // longer than the runtime waits before it compiles
    private const int IdleSteps = 8; // about a second, when there was nothing to do
    private const int KeysPerStep = 256;
    private const int KeysBeforeFork = 1024;

    private readonly IPluginContext _context;
    private readonly IPersistenceRegistry _persistence;
    private readonly ChildReport* _report = ChildReport.Create();
    private readonly IDisposable _timer;
    private ForkChild? _child;
    private ISnapshotFormat? _format;
    private int _nowhere = -1;
    private int _stepsToSkip;
    private bool _isPrepared;

    public RehearsalTimer(IPluginContext context)
    {
        _persistence = context.Persistence;
        _context = context;
        _timer = context.Timers.Every(TimeSpan.FromMilliseconds(StepMs), Step);
    }

    /// <summary>A last time, on the present state of the dataset.</summary>
    /// <param name="format">What the child will write: mostly the server's format, which is also rehearsed beside the commands.</param>
    public void RunBeforeFork(ISnapshotFormat format)
    {
        ForkChild.Prepare();
        Forget(); // with a new writer, as the options may have changed
        Run(KeysBeforeFork, format);
        if (format != _persistence.Format) Forget();
    }

    public void Close()
    {
        _timer.Dispose();
        Forget();
        ChildReport.Free(_report);
    }

    private void Step()
    {
        if (!_isPrepared)
        {
            _isPrepared = true;
            _context.Background.Run("prepare-fork", ForkChild.Prepare); // some 30 ms, and not while the server starts
            return;
        }

        if (_stepsToSkip-- > 0) return;
        if (Run(KeysPerStep, _persistence.Format) == 0) _stepsToSkip = IdleSteps;
    }

    private long Run(int keysMax, ISnapshotFormat? format)
    {
        if (_format != format) Forget();
        try
        {
            _child ??= Create(format);
            return _child?.Rehearse(keysMax) ?? 0;
        }
#pragma warning disable CA1031 // a data type or the format, of whatever plugin
        catch (Exception exception)
#pragma warning restore CA1031
        {
            // The save itself will meet it too, and fail with a reason. Here nobody asked for anything.
            _context.Log.Write(LogLevel.Verbose, $"A rehearsal of saving failed: {exception}");
            Forget();
            return 0;
        }
    }

    private ForkChild? Create(ISnapshotFormat? format)
    {
        _format = format;
        if (_format is null) return null;
        _nowhere = Native.OpenForWriting("/dev/null");
        if (_nowhere < 0) return null;
        SnapshotHeader header = new() { Fields = [("rehearsal", "1")] };
        return new ForkChild(_persistence.Dataset, _format, header, _nowhere, -1, _report, null, startsWritingEarly: true);
    }

    private void Forget()
    {
        _child?.Dispose();
        _child = null;
        if (_nowhere >= 0) _ = Native.Close(_nowhere);
        _nowhere = -1;
    }
}

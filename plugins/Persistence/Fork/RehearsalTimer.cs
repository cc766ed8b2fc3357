// When the rehearsal runs: a little of it beside the commands, until every kind of value has been written often enough, and then
// a look now and then for kinds that are new; and once more right before a fork.
//
// The runtime compiles in steps: after 30 calls, and 100 ms in which nothing new was compiled, a method is compiled again with
// what was learnt. So a rehearsal takes many calls, spread over some seconds.
// Holds always: a step takes a millisecond or so; what it writes goes to /dev/null; between steps it holds no memory, as what a
// server at rest uses, or the limit that it is near to, must not depend on it. Command thread only.

using Valkey.Abstractions;

namespace Valkey.Persistence.Fork;

internal sealed unsafe class RehearsalTimer
{
    private const int StepMs = 250; // longer than the runtime waits before it compiles; and a server at rest hardly wakes up for it
    private const int IdleMs = 1000; // when there was nothing to do
    private const int KeysPerStep = 256;
    private const int KeysBeforeFork = 1024;

    private readonly IPluginContext _context;
    private readonly IPersistenceRegistry _persistence;
    private readonly ChildReport* _report = ChildReport.Create();
    private IDisposable _timer;
    private bool _isPrepared;

    public RehearsalTimer(IPluginContext context)
    {
        _persistence = context.Persistence;
        _context = context;
        _timer = StepIn(StepMs);
    }

    /// <summary>A last time, on the present state of the dataset.</summary>
    /// <param name="format">What the child will write: mostly the server's format, which is also rehearsed beside the commands.</param>
    public void RunBeforeFork(ISnapshotFormat format)
    {
        ForkChild.Prepare();
        Run(KeysBeforeFork, format);
    }

    public void Close()
    {
        _timer.Dispose();
        ChildReport.Free(_report);
    }

    private IDisposable StepIn(int delayMs) => _context.Timers.After(TimeSpan.FromMilliseconds(delayMs), Step);

    private void Step()
    {
        bool isFirst = !_isPrepared;
        _isPrepared = true;
        if (isFirst) _context.Background.Run("prepare-fork", ForkChild.Prepare); // some 30 ms, and not while the server starts
        bool hasMore = isFirst || Run(KeysPerStep, _persistence.Format) > 0;
        _timer = StepIn(hasMore ? StepMs : IdleMs);
    }

    private long Run(int keysMax, ISnapshotFormat? format)
    {
        if (format is null) return 0;
        int nowhere = Native.OpenForWriting("/dev/null");
        if (nowhere < 0) return 0;
        try
        {
            SnapshotHeader header = new() { Fields = [("rehearsal", "1")] };
            using ForkChild child = new(_persistence.Dataset, format, header, nowhere, -1, _report, null, startsWritingEarly: true);
            return child.Rehearse(keysMax);
        }
#pragma warning disable CA1031 // a data type or the format, of whatever plugin
        catch (Exception exception)
#pragma warning restore CA1031
        {
            // The save itself will meet it too, and fail with a reason. Here nobody asked for anything.
            _context.Log.Write(LogLevel.Verbose, $"A rehearsal of saving failed: {exception}");
            return 0;
        }
        finally
        {
            _ = Native.Close(nowhere);
        }
    }
}

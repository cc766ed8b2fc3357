// The parent's side of a snapshot by fork: starts a child, looks now and then how it is, and says how it ended.
// Holds always: whatever becomes of the child (an error, a crash, a hang, a kill from outside), the parent hears of it here,
// reports a failed snapshot with its reason, and goes on. Command thread only.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Persistence.Fork;

internal sealed unsafe class ForkProvider : IPersistenceProvider
{
    private const int LookMs = 10;

    private readonly IPluginContext _context;
    private readonly StringOption _cpuList;
    private readonly ForkMoment _moment;
    private readonly RehearsalTimer _rehearsal;
    private readonly ChildReport* _report;
    private RunningChild? _running;
    private SnapshotProgress _lastProgress;
    private long _lastPeakBytes;
    private int _file; // kept until the end: the service gives it another name meanwhile

    public ForkProvider(IPluginContext context, StringOption cpuList)
    {
        _context = context;
        _cpuList = cpuList;
        _moment = new ForkMoment(context.Persistence.HelperThreads, context.Log);
        _report = ChildReport.Create();
        _rehearsal = new RehearsalTimer(context);
    }

    /// <inheritdoc/>
    public string Name => "fork";

    /// <inheritdoc/>
    public string? Unavailable =>
        _running is not null ? "ERR Background save already in progress"
        : Environment.GetEnvironmentVariable("DOTNET_EnableWriteXorExecute") != "0"
            ? "ERR Can't fork: the server was started without DOTNET_EnableWriteXorExecute=0, which its launcher sets"
        : null;

    /// <inheritdoc/>
    public int ProcessId => _running?.ProcessId ?? -1;

    /// <inheritdoc/>
    public SnapshotProgress Progress => _running is { } running ? running.Progress : _lastProgress;

    /// <inheritdoc/>
    public string? Start(SnapshotRequest request, Action<SnapshotResult> ended)
    {
        if (Unavailable is { } reason) return reason;
        if (request.TemporaryPath is not { } path) return "ERR the fork provider writes files only";
        _file = Native.OpenForWriting(path);
        if (_file < 0) return $"Failed opening the temp RDB file {path} for saving: {Native.TextOf(-_file)}";
        string? failure = TryFork(request, ended);
        if (failure is not null) _ = Native.Close(_file);
        return failure;
    }

    /// <inheritdoc/>
    public void WriteInformation(InfoWriter writer, bool isDebug)
    {
        if (isDebug) return;
        writer.Field("rdb_last_cow_size", _lastPeakBytes);
    }

    /// <inheritdoc/>
    public void Kill() => _running?.Kill();

    /// <summary>The plugin goes: so does its child.</summary>
    public void Close()
    {
        _running?.KillAndWait();
        _rehearsal.Close();
        ChildReport.Free(_report);
    }

    private string? TryFork(SnapshotRequest request, Action<SnapshotResult> ended)
    {
        _rehearsal.RunBeforeFork(request.Format);
        int* pipe = stackalloc int[2];
        if (Native.Pipe(pipe, Native.OpenCloseOnExec) < 0) return "Can't save in background: pipe: " + Native.TextOf(Native.ErrorNumber);
        string? failure = Fork(request, pipe[0], pipe[1], ended);
        _ = Native.Close(pipe[0]);
        _ = Native.Close(pipe[1]);
        return failure;
    }

    private string? Fork(SnapshotRequest request, int aliveReader, int aliveWriter, Action<SnapshotResult> ended)
    {
        *_report = default;
        byte* cpuMask = stackalloc byte[CpuList.MaskBytes];
        Span<byte> mask = new(cpuMask, CpuList.MaskBytes);
        mask.Clear();
        if (!CpuList.TryParse(request.CpuList ?? _cpuList.Value, mask)) cpuMask = null;
        bool startsWritingEarly =
            request.StartsWritingEarly ?? _context.Options.Find("rdb-save-incremental-fsync") is not BoolOption { Value: false };
        ForkChild child = new(
            _context.Persistence.Dataset, request.Format, request.Header, _file, aliveWriter, _report, cpuMask, startsWritingEarly);
        string? failure = _moment.TryFork(child, aliveReader, out Forked forked);
        if (failure is not null)
        {
            child.Dispose();
            return "Can't save in background: fork: " + failure;
        }

        _context.Persistence.ReportFork(forked.DurationUs);
        TableResizing.IsPaused = true;
        _running = new RunningChild(
            forked.ProcessId, child, _report, _context.Persistence.Dataset.KeyCount, _context.Log, result => Finish(result, ended));
        _running.Watch(_context.Timers.Every(TimeSpan.FromMilliseconds(LookMs), _running.Look));
        return null;
    }

    private void Finish(SnapshotResult result, Action<SnapshotResult> ended)
    {
        _lastProgress = _running!.Progress;
        _lastPeakBytes = result.CopyOnWriteBytes;
        _running = null;
        TableResizing.IsPaused = false;
        _ = Native.Close(_file);
        ended(result);
    }
}

// Writing the dataset to a file of a plugin's own (the base of an append-only file): the same providers as for saving.
//
// Holds always: at most one job runs, and none beside a background save; one that was abandoned blocks the next until its
// provider is through with it, and its file is removed. Command thread only.

using System.Runtime.InteropServices;
using Valkey.Abstractions;

namespace Valkey.Host.Snapshots;

internal sealed class DatasetJobs(Server server)
{
    private DatasetJob? _running;
    private IPersistenceProvider? _provider;
    private bool _isKilled;
    private bool _isAbandoned;

    /// <summary>One is under way, or was abandoned and has not ended yet.</summary>
    public bool IsRunning => _running is not null;

    /// <summary>Who does it; null when none runs.</summary>
    public IPersistenceProvider? Provider => _provider;

    /// <summary>Begins it. Null, or why not.</summary>
    public string? Start(DatasetJob job)
    {
        if (server.Snapshots.IsBusy) return "another background operation is under way";
        if (server.Snapshots.Preferred() is not { } provider) return "no persistence plugin is loaded";
        if (provider.Unavailable is { } unavailable) return unavailable;

        string path = job.PathOf(Environment.ProcessId);
        SnapshotRequest request = new()
        {
            TemporaryPath = path,
            OpenFile = () => new FileSink(path, job.StartsWritingEarly),
            Format = job.Format,
            Header = server.Snapshots.HeaderOfLogBase(),
            CpuList = job.CpuList,
            StartsWritingEarly = job.StartsWritingEarly,
        };
        string? failure = provider.Start(request, result => OnEnded(job, result));
        if (failure is not null)
        {
            SnapshotFile.Remove(path);
            return failure;
        }

        (_running, _provider, _isKilled, _isAbandoned) = (job, provider, false, false);
        job.Path = path;
        job.ProcessId = provider.ProcessId;
        if (job.ProcessId <= 0) return null;
        string named = job.PathOf(job.ProcessId); // a file is named after its writer
        if (Process.Libc.Rename(path, named) == 0) job.Path = named;
        return null;
    }

    /// <summary>Gives it up; its end is reported.</summary>
    public void Kill(DatasetJob job)
    {
        if (job != _running || _isKilled) return;
        _isKilled = true;
        _provider!.Kill();
    }

    /// <summary>Gives it up; nobody hears of its end.</summary>
    public void Abandon(DatasetJob job)
    {
        if (job != _running) return;
        _isAbandoned = true;
        Kill(job);
        SnapshotFile.Remove(job.Path);
    }

    /// <summary>Writes it here and now. Null, or why that failed.</summary>
    public string? WriteNow(DatasetJob job, string path)
    {
        string? failure;
        using (FileSink sink = new(path, job.StartsWritingEarly))
        {
            failure = sink.FailedToOpen ? Marshal.GetPInvokeErrorMessage(sink.ErrorNumber) : Write(job, sink);
        }

        if (failure is not null) SnapshotFile.Remove(path);
        return failure;
    }

    private string? Write(DatasetJob job, FileSink sink)
    {
        try
        {
            using ISnapshotWriter writer = job.Format.CreateWriter(sink, server.Snapshots.HeaderOfLogBase());
            server.Snapshots.Dataset.WriteTo(writer, progress: null);
            return sink.Complete() ? null : Marshal.GetPInvokeErrorMessage(sink.ErrorNumber);
        }
#pragma warning disable CA1031 // a data type or the format, of whatever plugin: the server goes on
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return exception.ToString();
        }
    }

    private void OnEnded(DatasetJob job, SnapshotResult result)
    {
        bool isKilled = _isKilled || result.WasKilled;
        bool isAbandoned = _isAbandoned;
        (_running, _provider) = (null, null);
        if (isKilled || isAbandoned || result.Failure is not null) SnapshotFile.Remove(job.Path);
        if (!isAbandoned) job.Ended(isKilled ? result with { WasKilled = true } : result);
    }
}

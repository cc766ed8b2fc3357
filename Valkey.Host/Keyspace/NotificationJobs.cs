// What plugins want to do once the command whose events they heard has ended: writes that a handler may not make itself.
// Holds always: jobs run in the order in which they were added, before the reply is final and before any other request; what
// they write is propagated behind the command and framed together with it. Command thread only.

using Valkey.Abstractions;

namespace Valkey.Host.Keyspace;

internal sealed class NotificationJobs(Server server)
{
    private readonly Queue<(Action Job, string Owner)> _jobs = new();

    /// <summary>Some wait.</summary>
    public bool HasAny => _jobs.Count > 0;

    /// <summary>Adds one; false while loading.</summary>
    public bool Add(Action job, string owner)
    {
        if (server.IsLoading) return false;
        _jobs.Enqueue((job, owner));
        return true;
    }

    /// <summary>Runs all, and those that they add. A job that never stops adding more is a mistake of its author's.</summary>
    public void RunAll()
    {
        while (_jobs.TryDequeue(out (Action Job, string Owner) next))
        {
            try
            {
                next.Job();
            }
            catch (Exception exception)
            {
                server.Log.Write(LogLevel.Warning, $"A post-notification job of {next.Owner} threw: {exception}");
            }
        }
    }

    /// <summary>Runs what came up outside of commands: keys that expired by themselves or were evicted.</summary>
    public void RunOutside()
    {
        if (_jobs.Count == 0 || server.Dispatcher.IsExecuting) return;
        server.Dispatcher.RunAsUnit(RunAll);
    }

    /// <summary>Forgets what a plugin that leaves has added.</summary>
    public void Forget(string owner)
    {
        for (int i = _jobs.Count; i > 0; i--)
        {
            (Action Job, string Owner) job = _jobs.Dequeue();
            if (!job.Owner.Equals(owner, StringComparison.Ordinal)) _jobs.Enqueue(job);
        }
    }
}

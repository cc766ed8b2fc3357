// The orderly end: a save where one is asked for, nothing new is accepted, replies that were written are sent, files that were
// made are removed.
// Holds always: what should be saved is saved before anything else of the server ends; when that fails, the server goes on.

using System.Runtime.InteropServices;
using Valkey.Abstractions;

namespace Valkey.Host.Lifecycle;

/// <summary>How the server is to end: the words of SHUTDOWN, shutdown-on-sigterm and shutdown-on-sigint, in the options' order.</summary>
[Flags]
internal enum ShutdownWishes
{
    None = 0,
    Save = 1 << 0,
    NoSave = 1 << 1,
    Now = 1 << 2,
    Force = 1 << 3,
    Safe = 1 << 4,
    Failover = 1 << 5,
}

internal sealed class ShutdownSequence(Server server)
{
    private readonly List<Action> _atEnd = [];
    private readonly List<IShutdownStep> _steps = [];
    private PosixSignal? _pending; // came while periodic work stands still

    /// <summary>It has begun.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Does something when the server ends.</summary>
    public void AtEnd(Action action) => _atEnd.Add(action);

    /// <summary>Somebody has a say when the server is to end, and something to bring to safety.</summary>
    public IDisposable Add(IShutdownStep step)
    {
        _steps.Add(step);
        return new Commands.Registration(() => _steps.Remove(step));
    }

    /// <summary>Called when a shutdown that was asked for does not happen.</summary>
    public Action? Aborted { get; set; }

    /// <summary>SIGTERM or SIGINT came: ends the server in the way that shutdown-on-sigterm or shutdown-on-sigint asks for.</summary>
    public void OnSignal(PosixSignal signal)
    {
        if (server.Cron.IsPaused)
        {
            _pending = signal;
            return;
        }

        _pending = null;
        FlagsOption wishes = signal == PosixSignal.SIGINT ? server.Options.ShutdownOnSigint : server.Options.ShutdownOnSigterm;
        if (TryBegin((ShutdownWishes)wishes.Value, client: null)) return;
        string name = signal == PosixSignal.SIGINT ? "SIGINT" : "SIGTERM";
        server.Log.Write(LogLevel.Warning, $"{name} received but errors trying to shut down the server, check the logs for more information");
    }

    /// <summary>Does what a signal asked for while the cron was paused.</summary>
    public void Cron()
    {
        if (_pending is { } signal) OnSignal(signal);
    }

    /// <summary>SHUTDOWN ABORT. False when there is nothing to take back.</summary>
    public bool TryAbort()
    {
        if (_pending is null) return false;
        _pending = null;
        server.Log.Write(LogLevel.Notice, "Shutdown manually aborted.");
        Aborted?.Invoke();
        return true;
    }

    /// <summary>Ends the server after the present turn of the loop. False, with the reason in the log, when it has to go on.</summary>
    /// <param name="wishes">How.</param>
    /// <param name="client">Who asked for it; null for a signal.</param>
    public bool TryBegin(ShutdownWishes wishes, Clients.Client? client)
    {
        if (HasBegun) return true;
        server.Log.Write(LogLevel.Notice, client is null
            ? "User requested shutdown..."
            : $"User requested shutdown... (user request from '{Clients.ClientInfoLine.ForLog(server, client)}')");
        if (!TrySave(wishes))
        {
            server.Log.Write(LogLevel.Warning, "Errors trying to shut down the server. Check the logs for more information.");
            Aborted?.Invoke();
            return false;
        }

        HasBegun = true;
        server.Listeners.Close();
        if (server.Durability.IsWatched) server.Durability.Look(); // what the steps have made durable is answered
        server.Clients.BeforeSleep();
        server.Sender.SendAll();
        foreach (Action action in _atEnd) action();
        server.Log.Write(LogLevel.Warning, "Valkey is now ready to exit, bye bye...");
        server.Loop.Stop();
        return true;
    }

    /// <summary>Saves where that is asked for, or configured. What is half loaded is never saved: it would replace the whole.</summary>
    private bool TrySave(ShutdownWishes wishes)
    {
        bool isForced = (wishes & ShutdownWishes.Force) != 0;
        bool isAsked = (wishes & ShutdownWishes.Save) != 0;
        bool saves = isAsked || (server.Snapshots.HasSavePoints && (wishes & ShutdownWishes.NoSave) == 0);
        if (server.Snapshots.Running is not null)
        {
            server.Log.Write(LogLevel.Warning, "There is a child saving an .rdb. Killing it!");
            server.Snapshots.Abandon();
        }

        foreach (IShutdownStep step in _steps)
        {
            if (!step.TryEnd(isForced) && !isForced) return false;
        }

        if (!saves || server.IsLoading) return true;
        server.Log.Write(LogLevel.Notice, "Saving the final RDB snapshot before exiting.");
        if (server.Snapshots.SaveNow()) return true;
        server.Log.Write(LogLevel.Warning, isForced ? "Error trying to save the DB. Exit anyway." : "Error trying to save the DB, can't exit.");
        return isForced;
    }
}

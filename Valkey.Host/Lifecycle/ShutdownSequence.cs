// The orderly end: nothing new is accepted, replies that were written are sent, files that were made are removed.

using System.Runtime.InteropServices;
using Valkey.Abstractions;

namespace Valkey.Host.Lifecycle;

internal sealed class ShutdownSequence(Server server)
{
    // Bits of the words "save" and "force" in the two options.
    private const int SaveFlag = 1 << 0;
    private const int ForceFlag = 1 << 3;

    private readonly List<Action> _atEnd = [];

    /// <summary>It has begun.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Does something when the server ends.</summary>
    public void AtEnd(Action action) => _atEnd.Add(action);

    /// <summary>Called when a shutdown that was asked for does not happen.</summary>
    public Action? Aborted { get; set; }

    /// <summary>SIGTERM or SIGINT came: ends the server in the way that shutdown-on-sigterm or shutdown-on-sigint asks for.</summary>
    public void OnSignal(PosixSignal signal)
    {
        FlagsOption wish = signal == PosixSignal.SIGINT ? server.Options.ShutdownOnSigint : server.Options.ShutdownOnSigterm;
        bool mustSave = (wish.Value & SaveFlag) != 0 && (wish.Value & ForceFlag) == 0;
        if (!mustSave || server.Snapshots.Format is not null)
        {
            Begin(null);
            return;
        }

        server.Log.Write(LogLevel.Warning, "Errors trying to shut down the server: a snapshot is asked for and no plugin can take one. Check the logs for more information.");
        Aborted?.Invoke();
    }

    /// <summary>Ends the server after the present turn of the loop.</summary>
    public void Begin(string? reason)
    {
        if (HasBegun) return;
        HasBegun = true;
        server.Log.Write(LogLevel.Warning, reason is null ? "User requested shutdown..." : reason);
        server.Listeners.Close();
        server.Clients.BeforeSleep();
        foreach (Action action in _atEnd) action();
        server.Log.Write(LogLevel.Warning, "Valkey is now ready to exit, bye bye...");
        server.Loop.Stop();
    }
}

// The orderly end: nothing new is accepted, replies that were written are sent, files that were made are removed.

using Valkey.Abstractions;

namespace Valkey.Host.Lifecycle;

internal sealed class ShutdownSequence(Server server)
{
    private readonly List<Action> _atEnd = [];

    /// <summary>It has begun.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Does something when the server ends.</summary>
    public void AtEnd(Action action) => _atEnd.Add(action);

    /// <summary>Called when a shutdown that was asked for does not happen.</summary>
    public Action? Aborted { get; set; }

    /// <summary>SIGTERM or SIGINT came.</summary>
    public void OnSignal(System.Runtime.InteropServices.PosixSignal signal) => Begin(null);

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

// Reply blocking: replies stay in the output until what they tell is durable.
//
// Around the outermost command: before it, the propagation offset is noted and where the client's output ends. After it, and
// after its propagation, the offset says whether it changed something; if so its reply waits for that offset. If not, and it
// looked at keys that are not durable yet, its reply waits for the highest offset among those. What monitors were shown of it
// waits as long. All that happened in between commands (active expiry, eviction) is settled before the next one begins.
//
// Never held: errors of commands that changed nothing, administrative commands that changed nothing, reads of durable keys,
// what is refused before it runs or only queued.
// Holds always: a byte that tells of a change is behind a boundary with at least the offset of that change before the loop can
// send it. Exists while replies are held back, otherwise nobody asks for it. Command thread only.

using Valkey.Abstractions;
using Valkey.Host.Clients;
using Valkey.Host.Commands;

namespace Valkey.Host.Durability;

internal sealed class ReplyHolding(Server server, DurabilityService durability)
{
    private readonly List<(Client Monitor, long Position)> _monitors = [];
    private long _startOffset;
    private long _startPosition;

    /// <summary>Keys that are not durable.</summary>
    public UncommittedKeys Keys { get; } = new(server.Databases.Length);

    /// <summary>An outermost command is about to run.</summary>
    public void Begin(Client client)
    {
        Settle();
        _startOffset = server.Propagation.Offset;
        _startPosition = client.Output.EndPosition;
        Keys.SeenOffset = 0;
        _monitors.Clear();
    }

    /// <summary>The monitors are about to be shown a command that is part of the running one.</summary>
    public void NoteMonitors(List<Client> monitors)
    {
        if (_monitors.Count > 0) return;
        foreach (Client monitor in monitors) _monitors.Add((monitor, monitor.Output.EndPosition));
    }

    /// <summary>The running command tells something that may depend on all changes so far.</summary>
    public void NoteAllSeen() => Keys.SeenOffset = Math.Max(Keys.SeenOffset, server.Propagation.Offset);

    /// <summary>The outermost command has ended and is propagated.</summary>
    /// <param name="client">Whose it is.</param>
    /// <param name="command">The command.</param>
    /// <param name="failed">Its reply is an error.</param>
    public void End(Client client, Command command, bool failed)
    {
        long offset = server.Propagation.Offset;
        bool hasChanged = offset > _startOffset;
        long seenOffset = failed || command.Has(CommandFlags.Admin) ? 0 : Math.Min(Keys.SeenOffset, offset);
        Settle();
        long due = hasChanged ? offset : seenOffset;
        if (due > durability.AnnouncedOffset) Hold(client, due, hasChanged);
        _monitors.Clear();
        durability.Held.Recount(client, durability.Tasks.Count);
        if (offset <= durability.AnnouncedOffset && (durability.Tasks.Count > 0 || Keys.Count > 0)) durability.RunDue();
    }

    /// <summary>A reply that a plugin had parked is in the output from a position on: it waits for all that is propagated by now.</summary>
    public void EndParked(Client client, long position)
    {
        if (!server.Dispatcher.IsExecuting) Settle(); // a running command's own changes have no offset yet
        long due = server.Propagation.Offset;
        if (due > durability.AnnouncedOffset && durability.Held.Hold(client, position, due)) durability.WriteHeldCount++;
    }

    /// <summary>A wait for keys ended without its command being run: that nothing came is told when it is durable.</summary>
    public void EndWait(Client client, long position, BlockedState wait)
    {
        long due = Math.Min(wait.SeenOffset(Keys), server.Propagation.Offset);
        if (due > durability.AnnouncedOffset && durability.Held.Hold(client, position, due)) durability.ReadHeldCount++;
    }

    /// <summary>What was changed or deferred since the last call gets the present offset.</summary>
    public void Settle()
    {
        long offset = server.Propagation.Offset;
        if (Keys.HasUnsettled) Keys.Settle(offset);
        if (durability.Tasks.HasUnsettled) durability.Tasks.Settle(offset);
    }

    private void Hold(Client client, long due, bool hasChanged)
    {
        if (durability.Held.Hold(client, _startPosition, due))
        {
            if (hasChanged) durability.WriteHeldCount++;
            else durability.ReadHeldCount++;
        }

        foreach ((Client monitor, long position) in _monitors) durability.Held.Hold(monitor, position, due);
    }
}

// The command log: commands that took long, and requests and replies that were large (COMMANDLOG; SLOWLOG is its first part).

using Valkey.Abstractions;
using Valkey.Host.Clients;
using Valkey.Host.Commands;

namespace Valkey.Host.Observability;

internal sealed unsafe class CommandLog(Server server)
{
    private readonly Server _server = server;

    /// <summary>Durations from here on are noted, in ticks of the monotonic clock; long.MaxValue: none.</summary>
    public long ThresholdTicks { get; set; } = long.MaxValue;

    /// <summary>Whether sizes of requests or replies are looked at.</summary>
    public bool WatchesSizes { get; set; }

    /// <summary>Looks at a command that has ended.</summary>
    public void Note(Client client, Command command, ArgumentSlice* slices, int count, long ticks)
    {
    }
}

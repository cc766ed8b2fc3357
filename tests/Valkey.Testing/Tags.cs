// What a test says about its needs, as xunit traits: [Trait(Tags.Name, Tags.NeedsDebug)].
//
// A run leaves tests out by `dotnet test --filter "tag!=needs:debug"`. Tests that start a server of their own are
// tagged external:skip, and skip themselves when the run is pointed at a server that is already there.

namespace Valkey.Testing;

/// <summary>Names and values of the traits that tests carry.</summary>
public static class Tags
{
    /// <summary>The trait's name.</summary>
    public const string Name = "tag";

    /// <summary>Needs a replica or primary as its peer.</summary>
    public const string NeedsRepl = "needs:repl";

    /// <summary>Needs the DEBUG command.</summary>
    public const string NeedsDebug = "needs:debug";

    /// <summary>Needs SAVE, BGSAVE or the file that they write.</summary>
    public const string NeedsSave = "needs:save";

    /// <summary>Needs redis-cli, redis-benchmark or redis-server on the path.</summary>
    public const string NeedsRedisTools = "needs:redis-tools";

    /// <summary>Needs hundreds of megabytes.</summary>
    public const string LargeMemory = "large-memory";

    /// <summary>Needs thousands of descriptors or tens of seconds.</summary>
    public const string Large = "large";

    /// <summary>Takes many minutes: left out unless a filter asks for it.</summary>
    public const string Soak = "soak";

    /// <summary>Needs a server of its own, so it cannot run against one that is already there.</summary>
    public const string ExternalSkip = "external:skip";

    /// <summary>Does not hold on a node of a cluster.</summary>
    public const string ClusterSkip = "cluster:skip";

    /// <summary>Does not hold when the connection is TLS.</summary>
    public const string TlsSkip = "tls:skip";

    /// <summary>Holds only for this repository's server, not for others of the same protocol.</summary>
    public const string OursOnly = "ours-only";
}

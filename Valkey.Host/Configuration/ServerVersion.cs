// Which server we say we are. Clients choose features by the Redis version, tools by the Valkey version.

namespace Valkey.Host.Configuration;

internal static class ServerVersion
{
    /// <summary>INFO's redis_version and HELLO's version: what clients built for Redis look at.</summary>
    public const string Redis = "7.2.4";

    /// <summary>INFO's valkey_version.</summary>
    public const string Valkey = "9.1.0";

    /// <summary>INFO's server_name.</summary>
    public const string ServerName = "valkey";

    /// <summary>INFO's valkey_release_stage.</summary>
    public const string ReleaseStage = "ga";

    /// <summary>The source's commit is not recorded in builds; tools expect eight digits.</summary>
    public const string Commit = "00000000";
}

// Options of capabilities that are not loaded: snapshots, the append-only file, replication, cluster, ACL, scripting, TLS,
// data types, defragmentation. Stock configuration files name them with harmless values, and a server must start with such a file. So each
// is accepted, kept and answered; a value that would *need* the capability is refused with a sentence that names it.
//
// They are registered after all plugins, and only where no plugin brought the option: a plugin that has the capability
// simply registers the real option, and the line here is never used.

using Valkey.Abstractions;

namespace Valkey.Host.Configuration;

internal sealed class DeferredCapabilities
{
    private const OptionFlags Fixed = OptionFlags.Immutable;
    private const OptionFlags Hidden = OptionFlags.Hidden;
    private const OptionFlags Sensitive = OptionFlags.Sensitive;

    private readonly List<ConfigOption> _options = [];

    public DeferredCapabilities()
    {
        AddSnapshots();
        AddAppendOnlyFile();
        AddReplication();
        AddCluster();
        AddSecurity();
        AddDataTypes();
        AddRest();
    }

    /// <summary>All of them, whether a plugin has them or not.</summary>
    public IReadOnlyList<ConfigOption> All => _options;

    /// <summary>Registers those that no plugin brought. Call it when all plugins are loaded.</summary>
    /// <exception cref="FatalConfigException">A given value is wrong or needs what is not there.</exception>
    public void Register(OptionRegistry registry)
    {
        List<ConfigOption> missing = [];
        foreach (ConfigOption option in _options)
        {
            if (registry.Find(option.Name) is null) missing.Add(option);
        }

        registry.AddAll(missing);
    }

    private void AddSnapshots()
    {
        Bool("rdbcompression", true);
        Bool("rdbchecksum", true, Fixed);
        Enum("rdb-version-check", 0, "strict", "relaxed");
        Enum("sanitize-dump-payload", 0, "no", "yes", "clients");
        Text("bgsave-cpulist", "", Fixed, alias: "bgsave_cpulist");
    }

    private void AddAppendOnlyFile()
    {
        Switch("appendonly", "the append-only file needs the Aof plugin, which is not loaded", OptionFlags.DenyLoading);
        _options.Add(FileName("appendfilename", "appendonly.aof", "filename", Fixed));
        _options.Add(FileName("appenddirname", "appendonlydir", "dirname", Fixed));
        Enum("appendfsync", 0, "everysec", "always", "no");
        Bool("no-appendfsync-on-rewrite", false);
        Integer("auto-aof-rewrite-percentage", 100, 0, int.MaxValue);
        Memory("auto-aof-rewrite-min-size", 64 << 20, 0);
        Bool("aof-load-truncated", true);
        Bool("aof-use-rdb-preamble", true);
        Bool("aof-timestamp-enabled", false);
        Bool("aof-rewrite-incremental-fsync", true);
        Bool("aof-disable-auto-gc", false, Hidden);
        Text("aof-rewrite-cpulist", "", Fixed, alias: "aof_rewrite_cpulist");
    }

    private void AddReplication()
    {
        _options.Add(new CustomOption("replicaof", () => "", "", RefuseReplicaOf)
        {
            Alias = "slaveof",
            Flags = Fixed | OptionFlags.MultiArgument,
        });
        Text("primaryauth", "", Sensitive, alias: "masterauth");
        Text("primaryuser", "", Sensitive, alias: "masteruser");
        Bool("replica-serve-stale-data", true, alias: "slave-serve-stale-data");
        Bool("replica-read-only", true, alias: "slave-read-only");
        Bool("replica-lazy-flush", true, alias: "slave-lazy-flush");
        Bool("replica-ignore-maxmemory", true, alias: "slave-ignore-maxmemory");
        Bool("replica-announced", true);
        Text("replica-announce-ip", "", alias: "slave-announce-ip");
        Integer("replica-announce-port", 0, 0, 65535, alias: "slave-announce-port");
        Integer("replica-priority", 100, 0, int.MaxValue, alias: "slave-priority");
        Bool("replica-ignore-disk-write-errors", false);
        Integer("min-replicas-to-write", 0, 0, int.MaxValue, alias: "min-slaves-to-write");
        Integer("min-replicas-max-lag", 10, 0, int.MaxValue, alias: "min-slaves-max-lag");
        Bool("repl-diskless-sync", true);
        Integer("repl-diskless-sync-delay", 5, 0, int.MaxValue);
        Integer("repl-diskless-sync-max-replicas", 0, 0, int.MaxValue);
        Enum("repl-diskless-load", 0, OptionFlags.DenyLoading, "disabled", "on-empty-db", "swapdb", "flush-before-load");
        Integer("repl-ping-replica-period", 10, 1, int.MaxValue, alias: "repl-ping-slave-period");
        Integer("repl-timeout", 60, 1, int.MaxValue);
        Bool("repl-disable-tcp-nodelay", false);
        Memory("repl-backlog-size", 10 << 20, 1);
        Integer("repl-backlog-ttl", 3600);
        Bool("repl-mptcp", false, Fixed);
        Bool("dual-channel-replication-enabled", false);
        Bool("import-mode", false);
    }

    private void AddCluster()
    {
        Switch("cluster-enabled", "cluster mode needs the Cluster plugin, which is not loaded", Fixed);
        Text("cluster-config-file", "nodes.conf", Fixed);
        Integer("cluster-node-timeout", 15000);
        Integer("cluster-port", 0, 0, 65535, Fixed);
        Integer("cluster-databases", 1, 1, int.MaxValue, Fixed);
        Integer("cluster-migration-barrier", 1, 0, int.MaxValue);
        Integer("cluster-replica-validity-factor", 10, 0, int.MaxValue, alias: "cluster-slave-validity-factor");
        Bool("cluster-allow-replica-migration", true);
        Bool("cluster-require-full-coverage", true);
        Bool("cluster-replica-no-failover", false, alias: "cluster-slave-no-failover");
        Bool("cluster-allow-reads-when-down", false);
        Bool("cluster-allow-pubsubshard-when-down", true);
        Memory("cluster-link-sendbuf-limit", 0, 0);
        Bool("cluster-slot-stats-enabled", false);
        Enum("cluster-preferred-endpoint-type", 0, "ip", "hostname", "unknown-endpoint");
        foreach (string name in (ReadOnlySpan<string>)["hostname", "human-nodename", "ip", "client-ipv4", "client-ipv6"])
            Text("cluster-announce-" + name, "");
        foreach (string name in (ReadOnlySpan<string>)["port", "bus-port", "tls-port", "client-port", "client-tls-port"])
            Integer("cluster-announce-" + name, 0, 0, 65535);
        Text("availability-zone", "");
        Integer("cluster-blacklist-ttl", 60);
        Enum("cluster-config-save-behavior", 0, "sync", "best-effort");
        Integer("cluster-manual-failover-timeout", 5000, 1, int.MaxValue);
        Integer("cluster-message-gossip-perc", 10, 1, 100, Hidden);
        Integer("cluster-ping-interval", 0, 0, long.MaxValue, Hidden);
        Integer("cluster-slot-migration-log-max-len", 1000);
    }

    private void AddSecurity()
    {
        Text("aclfile", "", Fixed, refusal: "an ACL file needs the Acl plugin, which is not loaded");
        Integer("acllog-max-len", 128);
        Enum("acl-pubsub-default", 1, "allchannels", "resetchannels");
        Integer("tls-port", 0, 0, 65535, refusal: "TLS needs the Tls plugin, which is not loaded");
        Integer("tracking-table-max-keys", 1000000);
    }

    private void AddDataTypes()
    {
        Integer("hash-max-listpack-entries", 512, alias: "hash-max-ziplist-entries");
        Memory("hash-max-listpack-value", 64, 0, alias: "hash-max-ziplist-value");
        Integer("list-max-listpack-size", -2, int.MinValue, int.MaxValue, alias: "list-max-ziplist-size");
        Integer("list-compress-depth", 0, 0, int.MaxValue);
        Integer("set-max-intset-entries", 512);
        Integer("set-max-listpack-entries", 128);
        Integer("set-max-listpack-value", 64);
        Integer("zset-max-listpack-entries", 128, alias: "zset-max-ziplist-entries");
        Memory("zset-max-listpack-value", 64, 0, alias: "zset-max-ziplist-value");
        Memory("hll-sparse-max-bytes", 3000, 0);
        Memory("stream-node-max-bytes", 4096, 0);
        Integer("stream-node-max-entries", 100);
    }

    private void AddRest()
    {
        Text("notify-keyspace-events", "");
        Integer("busy-reply-threshold", 5000, alias: "lua-time-limit");
        Bool("lua-enable-insecure-api", false, Hidden | OptionFlags.Protected, alias: "lua-enable-deprecated-api");
        Switch("activedefrag", "active defragmentation is not available in this server");
        Memory("active-defrag-ignore-bytes", 100 << 20, 1);
        Integer("active-defrag-threshold-lower", 10, 0, 1000);
        Integer("active-defrag-threshold-upper", 100, 0, 1000);
        Integer("active-defrag-cycle-min", 1, 1, 99);
        Integer("active-defrag-cycle-max", 25, 1, 99);
        Integer("active-defrag-cycle-us", 500, 0, 100000);
        Integer("active-defrag-max-scan-fields", 1000, 1);
        Integer("prefetch-batch-max-size", 16, 0, 128);
        Integer("watchdog-period", 0, 0, int.MaxValue, Hidden, refusal: "the software watchdog is not available in this server");
    }

    private void Bool(string name, bool value, OptionFlags flags = OptionFlags.None, string? alias = null) =>
        _options.Add(new BoolOption(name, value) { Flags = flags, Alias = alias });

    /// <summary>Off, and refused with a reason when it is to be on.</summary>
    private void Switch(string name, string refusal, OptionFlags flags = OptionFlags.None) => _options.Add(
        new BoolOption(name, false)
        {
            Flags = flags,
            Validate = arguments => arguments[0].Equals("yes", StringComparison.OrdinalIgnoreCase) ? refusal : null,
        });

    private void Integer(
        string name, long value, long min = 0, long max = long.MaxValue, OptionFlags flags = OptionFlags.None,
        string? alias = null, string? refusal = null) => _options.Add(
        new IntegerOption(name, value, min, max)
        {
            Flags = flags,
            Alias = alias,
            Validate = refusal is null ? null : arguments => arguments[0] == "0" ? null : refusal,
        });

    private void Memory(string name, long value, long min, string? alias = null) =>
        _options.Add(new IntegerOption(name, value, min, long.MaxValue, NumberKind.Memory) { Alias = alias });

    private void Enum(string name, int value, params string[] words) => _options.Add(new EnumOption(name, value, words));

    private void Enum(string name, int value, OptionFlags flags, params string[] words) =>
        _options.Add(new EnumOption(name, value, words) { Flags = flags });

    private void Text(
        string name, string value, OptionFlags flags = OptionFlags.None, string? alias = null, string? refusal = null) =>
        _options.Add(new StringOption(name, value)
        {
            Flags = flags,
            Alias = alias,
            Validate = refusal is null ? null : arguments => arguments[0].Length == 0 ? null : refusal,
        });

    private static StringOption FileName(string name, string value, string kind, OptionFlags flags) => new(name, value)
    {
        Flags = flags,
        Validate = arguments => arguments[0].Length == 0 ? $"{name} can't be empty"
            : arguments[0].Contains('/') ? $"{name} can't be a path, just a {kind}"
            : null,
    };

    private static string? RefuseReplicaOf(IReadOnlyList<string> arguments)
    {
        if (arguments.Count != 2) return "wrong number of arguments";
        if (arguments[0].Equals("no", StringComparison.OrdinalIgnoreCase)
            && arguments[1].Equals("one", StringComparison.OrdinalIgnoreCase)) return null;
        return ushort.TryParse(arguments[1], System.Globalization.CultureInfo.InvariantCulture, out _)
            ? "replication needs the Replication plugin, which is not loaded"
            : "Invalid primary port";
    }
}

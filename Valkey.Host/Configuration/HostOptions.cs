// The options that the server itself brings: one object each, made once, read directly by whoever needs the value.
// Transports, data types and other plugins bring their own.

using System.Globalization;
using Valkey.Abstractions;
using Valkey.Host.Process;
using Valkey.Host.Snapshots;

namespace Valkey.Host.Configuration;

/// <summary>The host's options. Values change on the command thread.</summary>
internal sealed class HostOptions
{
    public const int PermissionNo = 0;
    public const int PermissionYes = 1;
    public const int PermissionLocal = 2;

    private const OptionFlags Fixed = OptionFlags.Immutable;
    private const OptionFlags Hidden = OptionFlags.Hidden;
    private const int HzMin = 1, HzMax = 500;
    private const int IoThreadsMax = 256;

    private readonly List<ConfigOption> _all = [];
    private readonly int[] _oomScoreAdjValues = [0, 200, 800];
    private double[] _latencyPercentiles = [50, 99, 99.9];

    public HostOptions()
    {
        BuildLimits();
        BuildBehaviour();
        _all.AddRange(Snapshots.All);
        _all.AddRange(Durability.All);
        Hz.Applied = ClampHz;
        LocaleCollate.Applied = () => Libc.SetLocale(Libc.LocaleCollate, LocaleCollate.Value) == 0 ? "Invalid locale name" : null;
        ProcTitleTemplate.Validate = arguments =>
            ProcessTitle.IsValidTemplate(arguments[0]) ? null : "template format is invalid or contains unknown variables";
        ShutdownOnSigint.Validate = ShutdownOnSigterm.Validate = RefuseSaveWithNoSave;
        IoThreads.Validate = arguments => arguments[0] == "1" || !IntegerOption.TryParseCanonical(arguments[0], out _)
            ? null
            : "this server has no I/O threads yet, only 1 is possible";
    }

    public BoolOption ActiveRehashing { get; } = new("activerehashing", true);
    public IntegerOption ActiveExpireEffort { get; } = new("active-expire-effort", 1, 1, 10);
    public BoolOption AlwaysShowLogo { get; } = new("always-show-logo", false) { Flags = Fixed };
    public EnumOption Allocator { get; } = new("allocator", 0, "jemalloc", "libc") { Flags = Fixed | Hidden };
    public StringOption BioCpuList { get; } = new("bio-cpulist") { Alias = "bio_cpulist", Flags = Fixed };
    public IntegerOption ClientDefaultResp { get; } = new("client-default-resp", 2, 2, 3) { Flags = Fixed | Hidden };
    public ClientOutputBufferLimits OutputBufferLimits { get; } = new();
    public IntegerOption ClientQueryBufferLimit { get; } = new(
        "client-query-buffer-limit", 1 << 30, 1 << 20, long.MaxValue, NumberKind.Memory);
    public IntegerOption CommandLogSlowerThan { get; } = new("commandlog-execution-slower-than", 10000, -1) { Alias = "slowlog-log-slower-than" };
    public IntegerOption CommandLogSlowMaxLen { get; } = new("commandlog-slow-execution-max-len", 128) { Alias = "slowlog-max-len" };
    public IntegerOption CommandLogReplyLargerThan { get; } = new("commandlog-reply-larger-than", 1 << 20, -1);
    public IntegerOption CommandLogLargeReplyMaxLen { get; } = new("commandlog-large-reply-max-len", 128);
    public IntegerOption CommandLogRequestLargerThan { get; } = new("commandlog-request-larger-than", 1 << 20, -1);
    public IntegerOption CommandLogLargeRequestMaxLen { get; } = new("commandlog-large-request-max-len", 128);
    public BoolOption CrashLogEnabled { get; } = new("crash-log-enabled", true);
    public BoolOption CrashMemcheckEnabled { get; } = new("crash-memcheck-enabled", true);
    public BoolOption Daemonize { get; } = new("daemonize", false) { Flags = Fixed };
    public IntegerOption Databases { get; } = new("databases", 16, 1, int.MaxValue) { Flags = Fixed };
    public StringOption DebugContext { get; } = new("debug-context") { Flags = Hidden };
    public BoolOption DisableThp { get; } = new("disable-thp", true) { Flags = Fixed };
    public BoolOption EnableDebugAssert { get; } = new("enable-debug-assert", false) { Flags = Fixed | Hidden };
    public EnumOption EnableDebugCommand { get; } = new("enable-debug-command", 0, "no", "yes", "local") { Flags = Fixed };
    public EnumOption EnableModuleCommand { get; } = new("enable-module-command", 0, "no", "yes", "local") { Flags = Fixed };
    public EnumOption EnableProtectedConfigs { get; } = new("enable-protected-configs", 0, "no", "yes", "local") { Flags = Fixed };
    public BoolOption ExtendedRedisCompatibility { get; } = new("extended-redis-compatibility", false);
    public BoolOption ForklessOptionsSupported { get; } = new("forkless-options-supported", false) { Flags = Fixed };
    public StringOption HashSeed { get; } = new("hash-seed") { Flags = Fixed };
    public BoolOption HideUserDataFromLog { get; } = new("hide-user-data-from-log", true);
    public IntegerOption Hz { get; } = new("hz", 10, 0, int.MaxValue);
    public StringOption IgnoreWarnings { get; } = new("ignore-warnings");
    public IntegerOption IoThreads { get; } = new("io-threads", 1, 1, IoThreadsMax);
    public BoolOption JemallocBgThread { get; } = new("jemalloc-bg-thread", true);
    public IntegerOption KeyLoadDelay { get; } = new("key-load-delay", 0, int.MinValue, int.MaxValue) { Flags = Hidden };
    public IntegerOption LatencyMonitorThreshold { get; } = new("latency-monitor-threshold", 0);
    public BoolOption LatencyTracking { get; } = new("latency-tracking", true);
    public BoolOption LazyFreeEviction { get; } = new("lazyfree-lazy-eviction", true);
    public BoolOption LazyFreeExpire { get; } = new("lazyfree-lazy-expire", true);
    public BoolOption LazyFreeServerDel { get; } = new("lazyfree-lazy-server-del", true);
    public BoolOption LazyFreeUserDel { get; } = new("lazyfree-lazy-user-del", true);
    public BoolOption LazyFreeUserFlush { get; } = new("lazyfree-lazy-user-flush", true);
    public IntegerOption LfuDecayTime { get; } = new("lfu-decay-time", 1, 0, int.MaxValue);
    public IntegerOption LfuLogFactor { get; } = new("lfu-log-factor", 10, 0, int.MaxValue);
    public StringOption LocaleCollate { get; } = new("locale-collate");
    public IntegerOption LoadingProcessEventsIntervalBytes { get; } = new(
        "loading-process-events-interval-bytes", 2 << 20, 1024, int.MaxValue)
    { Flags = Hidden };
    public EnumOption LogFormat { get; } = new("log-format", 0, "legacy", "logfmt", "json");
    public EnumOption LogTimestampFormat { get; } = new("log-timestamp-format", 0, "legacy", "iso8601", "milliseconds");
    public StringOption LogFile { get; } = new("logfile") { Flags = Fixed };
    public EnumOption LogLevel { get; } = new("loglevel", 2, "debug", "verbose", "notice", "warning", "nothing");
    public IntegerOption MaxClients { get; } = new("maxclients", 10000, 1, uint.MaxValue);
    public IntegerOption MaxNewConnectionsPerCycle { get; } = new("max-new-connections-per-cycle", 10, 1, 1000);
    public IntegerOption MaxMemory { get; } = new("maxmemory", 0, kind: NumberKind.Memory);
    public IntegerOption MaxMemoryClients { get; } = new("maxmemory-clients", 0, -100, long.MaxValue, NumberKind.MemoryOrPercent);
    public IntegerOption MaxMemoryEvictionTenacity { get; } = new("maxmemory-eviction-tenacity", 10, 0, 100);
    public EnumOption MaxMemoryPolicy { get; } = new(
        "maxmemory-policy", 7, "volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl", "allkeys-lru", "allkeys-lfu",
        "allkeys-random", "noeviction");
    public IntegerOption MaxMemorySamples { get; } = new("maxmemory-samples", 5, 1, 64);
    public IntegerOption MinStringSizeAvoidCopyReply { get; } = new(
        "min-string-size-avoid-copy-reply", 16384, 0, int.MaxValue)
    { Flags = Hidden };
    public EnumOption OomScoreAdj { get; } = new("oom-score-adj", 0, "no", "yes", "relative", "absolute");
    public IReadOnlyList<int> OomScoreAdjValues => _oomScoreAdjValues;
    public IReadOnlyList<double> LatencyPercentiles => _latencyPercentiles;
    public StringOption PidFile { get; } = new("pidfile") { Flags = Fixed };
    public StringOption PluginDir { get; } = new("plugin-dir") { Flags = Fixed | Hidden };
    public StringOption ProcTitleTemplate { get; } = new("proc-title-template", ProcessTitle.DefaultTemplate);
    public EnumOption PropagationErrorBehavior { get; } = new(
        "propagation-error-behavior", 0, "ignore", "panic", "panic-on-replicas");
    public IntegerOption ProtoMaxBulkLen { get; } = new("proto-max-bulk-len", 512 << 20, 1 << 20, long.MaxValue, NumberKind.Memory);
    public BoolOption ProtectedMode { get; } = new("protected-mode", true);
    public StringOption RequirePass { get; } = new("requirepass") { Flags = OptionFlags.Sensitive };
    public StringOption ServerCpuList { get; } = new("server-cpulist") { Alias = "server_cpulist", Flags = Fixed };
    public BoolOption SetProcTitle { get; } = new("set-proc-title", true) { Flags = Fixed };
    public FlagsOption ShutdownOnSigint { get; } = new(
        "shutdown-on-sigint", "default", "save", "nosave", "now", "force", "safe", "failover");
    public FlagsOption ShutdownOnSigterm { get; } = new(
        "shutdown-on-sigterm", "default", "save", "nosave", "now", "force", "safe", "failover");
    public IntegerOption ShutdownTimeout { get; } = new("shutdown-timeout", 10, 0, int.MaxValue);
    public EnumOption Supervised { get; } = new("supervised", 3, "upstart", "systemd", "auto", "no") { Flags = Fixed };
    public BoolOption SyslogEnabled { get; } = new("syslog-enabled", false) { Flags = Fixed };
    public EnumOption SyslogFacility { get; } = new(
        "syslog-facility", 1, "user", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7")
    { Flags = Fixed };
    public StringOption SyslogIdent { get; } = new("syslog-ident", "valkey") { Flags = Fixed };
    public IntegerOption Timeout { get; } = new("timeout", 0, 0, int.MaxValue);
    public BoolOption UseExitOnPanic { get; } = new("use-exit-on-panic", false) { Flags = Hidden };

    /// <summary>dir; its value is the process's working directory.</summary>
    public CustomOption Dir { get; private set; } = null!;

    /// <summary>client-output-buffer-limit; <see cref="OutputBufferLimits"/> is its value.</summary>
    public CustomOption ClientOutputBufferLimit { get; private set; } = null!;

    /// <summary>oom-score-adj-values; <see cref="OomScoreAdjValues"/> is its value.</summary>
    public CustomOption OomScoreAdjValuesOption { get; private set; } = null!;

    /// <summary>latency-tracking-info-percentiles; <see cref="LatencyPercentiles"/> is its value.</summary>
    public CustomOption LatencyTrackingInfoPercentiles { get; private set; } = null!;

    /// <summary>About saving the dataset.</summary>
    public SnapshotOptions Snapshots { get; } = new();
    public Durability.DurabilityOptions Durability { get; } = new();

    /// <summary>All of them.</summary>
    public IReadOnlyList<ConfigOption> All => _all;

    /// <summary>Registers all of them, which applies what the file and the command line say.</summary>
    /// <exception cref="FatalConfigException">A given value is wrong.</exception>
    public void Register(OptionRegistry registry)
    {
        registry.AddAll(_all);
        Snapshots.SavePoints.FileWasRead();
        ClampHz();
        VerifyLogFileOpens();
    }

    private void BuildLimits()
    {
        ClientOutputBufferLimit = new CustomOption(
            "client-output-buffer-limit", () => OutputBufferLimits.Text, ClientOutputBufferLimits.DefaultText, OutputBufferLimits.Store)
        {
            Flags = OptionFlags.MultiArgument,
            Rewrite = OutputBufferLimits.RewriteLines,
        };
        OomScoreAdjValuesOption = new CustomOption(
            "oom-score-adj-values", () => string.Join(' ', _oomScoreAdjValues), "0 200 800", StoreOomScoreAdjValues)
        {
            Flags = OptionFlags.MultiArgument,
        };
        LatencyTrackingInfoPercentiles = new CustomOption(
            "latency-tracking-info-percentiles", PrintPercentiles, "50 99 99.9", StorePercentiles)
        {
            Flags = OptionFlags.MultiArgument,
        };
        _all.AddRange(
        [
            ActiveExpireEffort, ClientDefaultResp, ClientOutputBufferLimit, ClientQueryBufferLimit, CommandLogSlowerThan,
            CommandLogSlowMaxLen, CommandLogReplyLargerThan, CommandLogLargeReplyMaxLen, CommandLogRequestLargerThan,
            CommandLogLargeRequestMaxLen, Databases, Hz, IoThreads, KeyLoadDelay, LatencyMonitorThreshold,
            LatencyTrackingInfoPercentiles, LfuDecayTime, LfuLogFactor, LoadingProcessEventsIntervalBytes, MaxClients, MaxNewConnectionsPerCycle, MaxMemory, MaxMemoryClients,
            MaxMemoryEvictionTenacity, MaxMemoryPolicy, MaxMemorySamples, MinStringSizeAvoidCopyReply, OomScoreAdjValuesOption,
            ProtoMaxBulkLen, ShutdownTimeout, Timeout,
        ]);
    }

    private void BuildBehaviour()
    {
        Dir = new CustomOption("dir", Directory.GetCurrentDirectory, "", StoreDir)
        {
            Flags = OptionFlags.Protected | OptionFlags.DenyLoading,
            Rewrite = () => [[Directory.GetCurrentDirectory()]],
        };
        _all.AddRange(
        [
            ActiveRehashing, AlwaysShowLogo, Allocator, BioCpuList, CrashLogEnabled, CrashMemcheckEnabled, Daemonize, DebugContext,
            Dir, DisableThp, EnableDebugAssert, EnableDebugCommand, EnableModuleCommand, EnableProtectedConfigs,
            ExtendedRedisCompatibility, ForklessOptionsSupported, HashSeed, HideUserDataFromLog, IgnoreWarnings, JemallocBgThread, LatencyTracking,
            LazyFreeEviction, LazyFreeExpire, LazyFreeServerDel, LazyFreeUserDel, LazyFreeUserFlush, LocaleCollate, LogFormat,
            LogTimestampFormat, LogFile, LogLevel, OomScoreAdj, PidFile, PluginDir,
            ProcTitleTemplate, PropagationErrorBehavior, ProtectedMode, RequirePass, ServerCpuList, SetProcTitle,
            ShutdownOnSigint, ShutdownOnSigterm, Supervised, SyslogEnabled, SyslogFacility, SyslogIdent, UseExitOnPanic,
        ]);
    }

    private static string? StoreDir(IReadOnlyList<string> arguments)
    {
        if (arguments[0].Length == 0) return "dir can't be empty";
        return Libc.ChangeDirectory(arguments[0]) == 0 ? null : Libc.LastErrorText();
    }

    private string? StoreOomScoreAdjValues(IReadOnlyList<string> arguments)
    {
        if (arguments.Count != _oomScoreAdjValues.Length) return "wrong number of arguments";
        Span<int> values = stackalloc int[_oomScoreAdjValues.Length];
        for (int i = 0; i < values.Length; i++)
        {
            if (!int.TryParse(arguments[i], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out values[i])
                || values[i] is < -2000 or > 2000)
                return "Invalid oom-score-adj-values, elements must be between -2000 and 2000.";
        }

        values.CopyTo(_oomScoreAdjValues);
        return null;
    }

    private string PrintPercentiles()
    {
        string[] texts = new string[_latencyPercentiles.Length];
        for (int i = 0; i < texts.Length; i++)
            texts[i] = _latencyPercentiles[i].ToString("0.######", CultureInfo.InvariantCulture);
        return string.Join(' ', texts);
    }

    private string? StorePercentiles(IReadOnlyList<string> arguments)
    {
        bool isEmpty = arguments.Count == 1 && arguments[0].Length == 0;
        double[] percentiles = new double[isEmpty ? 0 : arguments.Count];
        for (int i = 0; i < percentiles.Length; i++)
        {
            if (!double.TryParse(arguments[i], NumberStyles.Float, CultureInfo.InvariantCulture, out percentiles[i])
                || double.IsNaN(percentiles[i]))
                return "Invalid latency-tracking-info-percentiles parameters";
            if (percentiles[i] is < 0 or > 100)
                return "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]";
        }

        _latencyPercentiles = percentiles;
        return null;
    }

    private static string? RefuseSaveWithNoSave(IReadOnlyList<string> arguments)
    {
        bool savesToo = false, savesNot = false;
        foreach (string argument in arguments)
        {
            savesToo |= argument.Equals("save", StringComparison.OrdinalIgnoreCase);
            savesNot |= argument.Equals("nosave", StringComparison.OrdinalIgnoreCase);
        }

        return savesToo && savesNot ? "shutdown options SAVE and NOSAVE can't be used simultaneously" : null;
    }

    /// <summary>The frequency is a wish: what is out of range is brought into it, not refused.</summary>
    private string? ClampHz()
    {
        Hz.Value = Math.Clamp(Hz.Value, HzMin, HzMax);
        return null;
    }

    /// <summary>Later the server could not even say that its log cannot be written.</summary>
    private void VerifyLogFileOpens()
    {
        if (LogFile.Value.Length == 0) return;
        const int Flags = Libc.OpenWriteOnly | Libc.OpenAppend | Libc.OpenCreate | Libc.OpenCloseOnExec;
        int descriptor = Libc.Open(LogFile.Value, Flags, 0x1B6); // 0666, as fopen would
        if (descriptor < 0) throw new FatalConfigException("Can't open the log file: " + Libc.LastErrorText());
        _ = Libc.Close(descriptor);
    }
}

// CONFIG GET, SET, REWRITE and RESETSTAT over the registry.
//
// SET stores all values first and applies them afterwards, so that options which belong together change together; when one
// is refused, everything goes back to what it was and is applied again.
// Holds always: after an error reply every option has the value that it had before.

using Valkey.Abstractions;
using Valkey.Host.Commands;
using Valkey.Host.Text;
using Valkey.Structures;

namespace Valkey.Host.Configuration;

/// <summary>The CONFIG command. Command thread only.</summary>
internal sealed class ConfigService(OptionRegistry registry, ServerConfiguration configuration, HostOptions host, ILog log)
{
    /// <summary>Whether the dataset is being loaded.</summary>
    public Func<bool> IsLoading { get; set; } = () => false;

    /// <summary>What CONFIG RESETSTAT resets.</summary>
    public Action ResetStatistics { get; set; } = () => { };

    /// <summary>Hides an argument from the slow log and from MONITOR.</summary>
    public Action<CommandContext, int> RedactArgument { get; set; } = (_, _) => { };

    /// <summary>Told the names of the options that CONFIG SET changed.</summary>
    public Action<IReadOnlyList<string>> Changed { get; set; } = _ => { };

    /// <summary>The modules that are loaded now, path and arguments; null leaves the file's <c>loadmodule</c> lines alone.</summary>
    public Func<IReadOnlyList<IReadOnlyList<string>>>? LoadedModules { get; set; }

    /// <summary>CONFIG GET pattern [pattern ...]</summary>
    public void Get(CommandContext ctx)
    {
        Dictionary<string, ConfigOption> matches = new(StringComparer.OrdinalIgnoreCase);
        for (int i = 2; i < ctx.ArgumentCount; i++) Select(matches, ctx.Argument(i));

        ctx.Reply.MapHeader(matches.Count);
        foreach ((string name, ConfigOption option) in matches)
        {
            ctx.Reply.Bulk(ByteText.ToBytes(name));
            ctx.Reply.Bulk(ByteText.ToBytes(option.Text));
        }
    }

    /// <summary>CONFIG SET name value [name value ...]</summary>
    public void Set(CommandContext ctx)
    {
        if (ctx.ArgumentCount % 2 != 0)
        {
            ctx.Reply.SyntaxError();
            return;
        }

        List<(string Name, string Value)> pairs = [];
        for (int i = 2; i < ctx.ArgumentCount; i += 2)
        {
            string name = ByteText.FromBytes(ctx.Argument(i));
            pairs.Add((name, ByteText.FromBytes(ctx.Argument(i + 1))));
            // Also when the command is refused: a password must not be seen in either case.
            if (registry.Find(name) is { } option && (option.Flags & OptionFlags.Sensitive) != 0) RedactArgument(ctx, i + 1);
        }

        if (SetAll(pairs, ctx.Client) is { } error) ctx.Reply.Error(ByteText.ToBytes(error));
        else ctx.Reply.Ok();
    }

    /// <summary>Sets all of the options or none. Null, or the error to reply.</summary>
    internal string? SetAll(IReadOnlyList<(string Name, string Value)> pairs, IClient client)
    {
        List<Change> changes = [];
        string? error = Collect(changes, pairs, client) ?? Change.ApplyAll(changes, log);
        if (error is not null) return error;

        string[] names = new string[changes.Count];
        for (int i = 0; i < names.Length; i++) names[i] = changes[i].Option.Name;
        Changed(names);
        return null;
    }

    /// <summary>CONFIG REWRITE</summary>
    public void Rewrite(CommandContext ctx) => Rewrite(ctx, withDefaults: false);

    /// <summary>Rewrites the file, on demand with a line for every option that has a value, and replies.</summary>
    public void Rewrite(CommandContext ctx, bool withDefaults)
    {
        if (configuration.ConfigFile is null)
        {
            ctx.Reply.Error("ERR The server is running without a config file"u8);
            return;
        }

        string? error = ConfigRewriter.Rewrite(
            configuration.ConfigFile, registry, LoadedModules?.Invoke(), log, withDefaults);
        if (error is null)
        {
            log.Write(LogLevel.Notice, "CONFIG REWRITE executed with success.");
            ctx.Reply.Ok();
            return;
        }

        log.Write(LogLevel.Warning, "CONFIG REWRITE failed: " + error);
        ctx.Reply.Error("ERR Rewriting config file: " + error);
    }

    /// <summary>CONFIG RESETSTAT</summary>
    public void ResetStat(CommandContext ctx)
    {
        ResetStatistics();
        ctx.Reply.Ok();
    }

    /// <summary>CONFIG HELP</summary>
    public static void Help(CommandContext ctx)
    {
        HelpText.Write(
            ctx,
            "GET <pattern> [<pattern> ...]",
            "    The options whose names match, and their values.",
            "SET <option> <value> [<option> <value> ...]",
            "    Changes options, all of them or none.",
            "RESETSTAT",
            "    Starts the counters that INFO shows anew.",
            "REWRITE",
            "    Writes the present values into the configuration file.");
    }

    /// <summary>Adds what a pattern of CONFIG GET stands for.</summary>
    internal void Select(Dictionary<string, ConfigOption> matches, ReadOnlySpan<byte> pattern)
    {
        if (pattern.IndexOfAny((byte)'[', (byte)'*', (byte)'?') < 0)
        {
            // An exact name is answered as it was asked, in the client's spelling.
            string name = ByteText.FromBytes(pattern);
            if (registry.Find(name) is { } exact) matches.TryAdd(name, exact);
            return;
        }

        foreach (ConfigOption option in registry.Options)
        {
            if ((option.Flags & OptionFlags.Hidden) != 0) continue;
            if (GlobPattern.Matches(pattern, ByteText.ToBytes(option.Name), ignoreCase: true))
                matches.TryAdd(option.Name, option);
            if (option.Alias is not null && GlobPattern.Matches(pattern, ByteText.ToBytes(option.Alias), ignoreCase: true))
                matches.TryAdd(option.Alias, option);
        }
    }

    /// <summary>Checks every pair before anything changes.</summary>
    private string? Collect(List<Change> changes, IReadOnlyList<(string Name, string Value)> pairs, IClient client)
    {
        foreach ((string name, string value) in pairs)
        {
            ConfigOption? option = registry.Find(name);
            if (option is null) return $"ERR Unknown option or number of arguments for CONFIG SET - '{name}'";

            string? reason = Refusal(option, changes, client);
            if (reason is not null) return Change.Error(name, reason);
            if ((option.Flags & OptionFlags.DenyLoading) != 0 && IsLoading())
                return $"LOADING {(host.ExtendedRedisCompatibility.Value ? "Redis" : "Valkey")} is loading the dataset in memory";
            changes.Add(new Change(name, option, value));
        }

        return null;
    }

    private string? Refusal(ConfigOption option, List<Change> changes, IClient client)
    {
        if ((option.Flags & OptionFlags.Immutable) != 0) return "can't set immutable config";
        if ((option.Flags & OptionFlags.Protected) != 0 && !ClientPermission.Allows(host.EnableProtectedConfigs, client))
            return "can't set protected config";
        foreach (Change change in changes)
        {
            if (change.Option == option) return "duplicate parameter";
        }

        return null;
    }

    /// <summary>One pair of CONFIG SET, and the way back.</summary>
    private sealed class Change(string name, ConfigOption option, string value)
    {
        private readonly IReadOnlyList<string> _oldArguments = option.Snapshot();
        private readonly string _oldText = option.Text;
        private bool _isApplied;

        /// <summary>The name or alias that the client used.</summary>
        public string Name => name;

        public ConfigOption Option => option;

        public static string Error(string name, string reason) =>
            $"ERR CONFIG SET failed (possibly related to argument '{name}') - {reason}";

        public static string? ApplyAll(List<Change> changes, ILog log)
        {
            foreach (Change change in changes)
            {
                string? error = change.Store();
                if (error is null) continue;
                RestoreAll(changes, log);
                return Error(change.Name, error);
            }

            foreach (Change change in changes)
            {
                string? error = change.ApplyUnlessDone(changes);
                if (error is null) continue;
                log.Write(
                    LogLevel.Warning,
                    $"Failed applying new configuration. Possibly related to new {change.Option.Name} setting. "
                    + "Restoring previous settings.");
                RestoreAll(changes, log);
                return Error(change.Name, error);
            }

            return null;
        }

        private static void RestoreAll(List<Change> changes, ILog log)
        {
            foreach (Change change in changes)
            {
                if (change.Option.Text == change._oldText) continue;
                string? error = change.Option.TrySet(change._oldArguments);
                if (error is not null)
                    log.Write(LogLevel.Warning, $"Failed restoring failed CONFIG SET command. Error setting {change.Option.Name} to '{change._oldText}': {error}");
            }

            foreach (Change change in changes)
            {
                string? error = change._isApplied ? change.Option.Applied?.Invoke() : null;
                if (error is not null) log.Write(LogLevel.Warning, "Failed applying restored failed CONFIG SET command: " + error);
            }
        }

        private string? Store()
        {
            bool isMulti = (option.Flags & OptionFlags.MultiArgument) != 0;
            return option.TrySet(isMulti ? value.Split(' ') : [value]);
        }

        /// <summary>Options that share one callback are applied once, together.</summary>
        private string? ApplyUnlessDone(List<Change> changes)
        {
            if (option.Applied is null) return null;
            if (option.Text == _oldText && (option.Flags & OptionFlags.Volatile) == 0) return null;
            foreach (Change other in changes)
            {
                if (other._isApplied && other.Option.Applied == option.Applied) return null;
            }

            _isApplied = true;
            return option.Applied();
        }
    }
}

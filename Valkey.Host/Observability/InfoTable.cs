// The sections of INFO: the host's own and those that plugins bring. A plugin's section that has the name of one of ours is
// not a section of its own: its fields go into ours. Source: https://valkey.io/commands/info/

using Valkey.Abstractions;
using Valkey.Host.Commands;

namespace Valkey.Host.Observability;

/// <summary>A section: its name, what writes it, whether plain INFO shows it.</summary>
internal sealed record InfoSection(string Name, Action<InfoWriter> Write, bool IsDefault, string Owner);

internal sealed class InfoTable
{
    private readonly List<InfoSection> _host;
    private readonly List<InfoSection> _plugins = [];

    public InfoTable(Server server)
    {
        Server = server;
        _host = HostSections(server);
    }

    /// <summary>What plugins brought, in the order in which it came.</summary>
    public IReadOnlyList<InfoSection> Sections => _plugins;

    public Rates Rates { get; } = new();

    public Server Server { get; }

    /// <summary>Native memory in use when the server began to serve.</summary>
    public long StartupMemoryBytes { get; set; }

    /// <summary>Who supervises the process: no, systemd, upstart.</summary>
    public string Supervisor { get; set; } = "no";

    /// <summary>Adds a plugin's section.</summary>
    /// <exception cref="InvalidOperationException">Another plugin has it already.</exception>
    public IDisposable Add(InfoSection section)
    {
        InfoSection? existing = _host.Exists(own => Names(own, section.Name)) ? null : _plugins.Find(other => Names(other, section.Name));
        if (existing is not null)
            throw new InvalidOperationException($"the INFO section '{section.Name}' of {section.Owner} is there already: it belongs to {existing.Owner}");
        _plugins.Add(section);
        return new Registration(() => _plugins.Remove(section));
    }

    /// <summary>The text for the sections that were asked for; none means the default ones.</summary>
    public string Text(IReadOnlyCollection<string> requested)
    {
        HashSet<string> names = new(requested, StringComparer.OrdinalIgnoreCase);
        bool everything = names.Remove("everything");
        bool all = names.Remove("all") || everything;
        bool defaults = names.Remove("default") || requested.Count == 0;
        InfoText text = new();
        foreach (InfoSection section in _host)
        {
            bool isHidden = section.Name is HiddenSection or ReplyBlockingSection;
            if (names.Contains(section.Name) || (all && !isHidden) || (defaults && section.IsDefault)) WriteHostSection(text, section);
        }

        foreach (InfoSection section in _plugins)
        {
            if (_host.Exists(own => Names(own, section.Name))) continue;
            bool isModule = Server.Plugins.Find(section.Owner) is { Source.IsModule: true };
            bool isWanted = isModule ? everything || names.Contains("modules") : all;
            if (isWanted || names.Contains(section.Name) || (defaults && section.IsDefault)) text.Section(section.Name, section.Write);
        }

        return text.ToString();
    }

    // Shown only when they are asked for by name.
    private const string HiddenSection = "Debug";
    private const string ReplyBlockingSection = "Reply_blocking";

    private static List<InfoSection> HostSections(Server server)
    {
        ServerInfo process = new(server);
        ClientsInfo clients = new(server);
        MemoryInfo memory = new(server);
        ActivityInfo activity = new(server);
        CommandInfo commands = new(server);
        return
        [
            Own("Server", process.WriteServer),
            Own("Clients", clients.Write),
            Own("Memory", memory.Write),
            Own("Persistence", activity.WritePersistence),
            Own("Stats", activity.WriteStatistics),
            Own("Replication", activity.WriteReplication),
            Own("CPU", process.WriteCpu),
            Own("Modules", info => server.Modules.WriteInfo(info)),
            Own("Commandstats", commands.WriteStatistics, isDefault: false),
            Own("Errorstats", commands.WriteErrors),
            Own("Latencystats", commands.WriteLatencies, isDefault: false),
            Own("Cluster", static info => info.Field("cluster_enabled", 0)),
            Own("Keyspace", activity.WriteKeyspace),
            Own("GC", MemoryInfo.WriteCollector, isDefault: false),
            Own(HiddenSection, process.WriteDebug, isDefault: false),
            Own(ReplyBlockingSection, info => Durability.ReplyBlockingInfo.Write(server.Durability, server.Propagation.Offset, info), isDefault: false),
        ];
    }

    private static InfoSection Own(string name, Action<InfoWriter> write, bool isDefault = true) =>
        new(name, write, isDefault, CoreCommands.Owner);

    private static bool Names(InfoSection section, string name) => section.Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    private void WriteHostSection(InfoText text, InfoSection section)
    {
        List<Action<InfoWriter>> writers = [section.Write];
        if (section.Name is "Persistence" or HiddenSection)
            writers.Add(info => Server.Snapshots.Information.WriteProvider(info, isDebug: section.Name == HiddenSection));
        if (section.Name == HiddenSection)
            writers.Add(info => Durability.ReplyBlockingInfo.Write(Server.Durability, Server.Propagation.Offset, info));
        foreach (InfoSection added in _plugins)
        {
            if (Names(added, section.Name)) writers.Add(added.Write);
        }

        text.Section(section.Name, [.. writers]);
    }
}

// All that was configured at start: the file, standard input and the command line over them, as one ordered list of
// directives that options claim when they are registered, and as an IConfiguration.

using Microsoft.Extensions.Configuration;
using Valkey.Host.Text;

namespace Valkey.Host.Configuration;

/// <summary>The configuration that the server was started with. Command thread only.</summary>
internal sealed class ServerConfiguration
{
    private readonly List<ConfigDirective> _directives = [];

    private ServerConfiguration(string? configFile, IConfigurationRoot root)
    {
        ConfigFile = configFile;
        Root = root;
        foreach (IConfigurationProvider provider in root.Providers)
        {
            if (provider is DirectiveProvider ours) _directives.AddRange(ours.Directives);
        }

        foreach (ConfigDirective directive in _directives) ClaimStructural(directive);
    }

    /// <summary>Absolute path of the file, or null when there is none.</summary>
    public string? ConfigFile { get; }

    /// <summary>The flat view: the last value of each name.</summary>
    public IConfigurationRoot Root { get; }

    /// <summary>Everything in order.</summary>
    public IReadOnlyList<ConfigDirective> Directives => _directives;

    /// <summary>What <c>loadmodule</c> lines say, in order: the path, then the module's arguments.</summary>
    public List<ConfigDirective> Modules { get; } = [];

    /// <summary><c>rename-command</c>: old name, new name; an empty new name removes the command.</summary>
    public List<ConfigDirective> RenamedCommands { get; } = [];

    /// <summary><c>user</c> lines: the name, then its rules.</summary>
    public List<ConfigDirective> Users { get; } = [];

    /// <summary>Reads everything that the command line names.</summary>
    /// <exception cref="FatalConfigException">A line cannot be read.</exception>
    /// <exception cref="StartupException">A file cannot be read.</exception>
    public static ServerConfiguration Load(CommandLine commandLine, Func<byte[]> readStandardInput)
    {
        ConfigurationBuilder builder = new();
        int lineCount = 1;
        if (commandLine.ConfigFile is not null)
        {
            foreach (string path in FileGlob.Expand(commandLine.ConfigFile))
                Append(builder, ConfigurationText.ReadFile(path), ref lineCount);
        }

        if (commandLine.ReadsStandardInput) Append(builder, readStandardInput(), ref lineCount);
        lineCount++; // the options are counted as if they stood below the file
        Append(builder, ByteText.ToBytes(commandLine.OptionLines), ref lineCount);
        return new ServerConfiguration(commandLine.ConfigFile, builder.Build());
    }

    /// <summary>A configuration from a text, without a file.</summary>
    public static ServerConfiguration FromText(string text, string? configFile = null)
    {
        ConfigurationBuilder builder = new();
        builder.Add(new DirectiveSource(ByteText.ToBytes(text), firstLineNumber: 1));
        return new ServerConfiguration(configFile, builder.Build());
    }

    /// <summary>Adds a value that came later (MODULE LOADEX CONFIG).</summary>
    public void Give(string name, IReadOnlyList<string> arguments) => _directives.Add(
        new ConfigDirective(name.ToLowerInvariant(), arguments, 0, name + " " + ArgumentLine.Join(arguments)));

    private static void Append(ConfigurationBuilder builder, byte[] text, ref int lineNumber)
    {
        builder.Add(new DirectiveSource(text, lineNumber));
        lineNumber += text.AsSpan().Count((byte)'\n');
    }

    /// <summary>Takes the directives that no option stands for, and refuses what can be refused already.</summary>
    private void ClaimStructural(ConfigDirective directive)
    {
        List<ConfigDirective>? list = directive.Name switch
        {
            "loadmodule" when directive.Arguments.Count >= 1 => Modules,
            "rename-command" when directive.Arguments.Count == 2 => RenamedCommands,
            "user" when directive.Arguments.Count >= 1 => Users,
            _ => null,
        };
        if (directive.Name == "sentinel")
            throw new FatalConfigException("sentinel directive while not in sentinel mode", directive);
        if (directive.Name.Contains('.') && directive.Arguments.Count == 0)
            throw new FatalConfigException("Module config specified without value", directive);

        list?.Add(directive);
        directive.IsClaimed = list is not null || IsObsolete(directive);
    }

    /// <summary>Options of earlier versions that no longer do anything and must not stop a start.</summary>
    private static bool IsObsolete(ConfigDirective directive) => directive.Arguments.Count == 1 && directive.Name
        is "dynamic-hz" or "events-per-io-thread" or "io-threads-do-reads" or "lua-replicate-commands"
        or "list-max-ziplist-entries" or "list-max-ziplist-value";
}

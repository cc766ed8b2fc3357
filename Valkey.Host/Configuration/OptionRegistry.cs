// The one table of options. The file was read before anybody registered, so a value waits in ServerConfiguration until its
// option comes; when all plugins are loaded, what nobody claimed is an unknown directive and ends the start.
// Holds always: a name or alias belongs to one option; what an owner registered goes when its registration is disposed.

using Valkey.Abstractions;
using Valkey.Host.Text;

namespace Valkey.Host.Configuration;

/// <summary>The server's options. Command thread only.</summary>
internal sealed class OptionRegistry(ServerConfiguration configuration) : IOptionRegistry
{
    /// <summary>Owner of the options that the server brings itself.</summary>
    public const string ServerOwner = "server";

    private readonly Dictionary<string, Entry> _byName = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<ConfigOption> _options = [];

    /// <summary>All options in the order of their registration.</summary>
    public IReadOnlyList<ConfigOption> Options => _options;

    /// <inheritdoc/>
    public void Add(ConfigOption option) => Add(option, ServerOwner);

    /// <inheritdoc/>
    public ConfigOption? Find(string name) => _byName.TryGetValue(name, out Entry entry) ? entry.Option : null;

    /// <summary>Who registered the option of that name, or null.</summary>
    public string? OwnerOf(string name) => _byName.TryGetValue(name, out Entry entry) ? entry.Owner : null;

    /// <summary>Adds an option for an owner. Disposing the result takes it back.</summary>
    /// <param name="option">The option.</param>
    /// <param name="owner">A plugin's name.</param>
    /// <param name="isModule">The option is called <c>owner.name</c> from now on.</param>
    /// <exception cref="InvalidOperationException">The name is taken.</exception>
    /// <exception cref="FatalConfigException">The value that was given for it is wrong.</exception>
    public IDisposable Add(ConfigOption option, string owner, bool isModule = false)
    {
        if (isModule && !option.Name.StartsWith(owner + ".", StringComparison.OrdinalIgnoreCase))
            option.Name = owner + "." + option.Name;
        Registration registration = Register(option, owner);
        try
        {
            foreach (ConfigDirective directive in configuration.Directives)
            {
                if (!directive.IsClaimed && Names(option, directive)) Claim(option, directive);
            }
        }
        catch
        {
            registration.Dispose();
            throw;
        }

        return registration;
    }

    /// <summary>Adds many of the server's own, so that the first wrong line of the file is the one that is reported.</summary>
    public void AddAll(IReadOnlyList<ConfigOption> options)
    {
        foreach (ConfigOption option in options) Register(option, ServerOwner);
        foreach (ConfigDirective directive in configuration.Directives)
        {
            if (!directive.IsClaimed && _byName.TryGetValue(directive.Name, out Entry entry)) Claim(entry.Option, directive);
        }
    }

    /// <summary>Refuses the first directive that no option has claimed. Called when all plugins are loaded.</summary>
    public void VerifyNothingUnknown()
    {
        foreach (ConfigDirective directive in configuration.Directives)
        {
            if (directive.IsClaimed) continue;
            throw directive.Name.Contains('.')
                ? new FatalConfigException(
                    "Module Configuration detected without loadmodule directive or no ApplyConfig call: aborting", directive)
                : new FatalConfigException("Bad directive or wrong number of arguments", directive);
        }
    }

    /// <summary>The arguments of a directive or of CONFIG SET as the option takes them.</summary>
    /// <remarks>An option of several arguments may be given as one word: <c>--save "3600 1"</c>.</remarks>
    private static string? Apply(ConfigOption option, IReadOnlyList<string> arguments)
    {
        bool isMulti = (option.Flags & OptionFlags.MultiArgument) != 0;
        if (isMulti && arguments.Count == 1 && arguments[0].Length > 0)
            return ArgumentLine.Split(arguments[0]) is { } words ? option.TrySet(words) : "Unbalanced quotes in configuration line";
        if (!isMulti && arguments.Count > 1 && option.Name.Contains('.'))
            return option.TrySet([string.Join(' ', arguments)]); // a module's value is the rest of the line
        return option.TrySet(arguments);
    }

    private static void Claim(ConfigOption option, ConfigDirective directive)
    {
        directive.IsClaimed = true;
        string? error = Apply(option, directive.Arguments);
        if (error is not null) throw new FatalConfigException(error, directive);
    }

    private static bool Names(ConfigOption option, ConfigDirective directive) =>
        directive.Name.Equals(option.Name, StringComparison.OrdinalIgnoreCase)
        || directive.Name.Equals(option.Alias, StringComparison.OrdinalIgnoreCase);

    private Registration Register(ConfigOption option, string owner)
    {
        foreach (string? name in (ReadOnlySpan<string?>)[option.Name, option.Alias])
        {
            if (name is not null && OwnerOf(name) is { } other)
                throw new InvalidOperationException($"option '{name}' of {owner} is taken by {other}");
        }

        Entry entry = new(option, owner);
        _byName.Add(option.Name, entry);
        if (option.Alias is not null) _byName.Add(option.Alias, entry);
        _options.Add(option);
        return new Registration(this, option);
    }

    private readonly record struct Entry(ConfigOption Option, string Owner);

    private sealed class Registration(OptionRegistry registry, ConfigOption option) : IDisposable
    {
        public void Dispose()
        {
            if (!registry._options.Remove(option)) return;
            registry._byName.Remove(option.Name);
            if (option.Alias is not null) registry._byName.Remove(option.Alias);
        }
    }
}

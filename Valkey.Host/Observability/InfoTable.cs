// The sections of INFO: the host's and those that plugins bring.

using Valkey.Abstractions;
using Valkey.Host.Commands;

namespace Valkey.Host.Observability;

/// <summary>A section: its name, what writes it, whether plain INFO shows it.</summary>
internal sealed record InfoSection(string Name, Action<InfoWriter> Write, bool IsDefault, string Owner);

internal sealed class InfoTable(Server server)
{
    private readonly List<InfoSection> _sections = [];

    /// <summary>In the order in which they are printed.</summary>
    public IReadOnlyList<InfoSection> Sections => _sections;

    public Rates Rates { get; } = new();

    public Server Server => server;

    public IDisposable Add(InfoSection section)
    {
        InfoSection? existing = _sections.Find(other => other.Name.Equals(section.Name, StringComparison.OrdinalIgnoreCase));
        if (existing is not null)
            throw new InvalidOperationException($"the INFO section '{section.Name}' of {section.Owner} is there already: it belongs to {existing.Owner}");
        _sections.Add(section);
        return new Registration(() => _sections.Remove(section));
    }
}

// Saving and loading the dataset: which providers and which format there are, and what is under way.

using Valkey.Abstractions;
using Valkey.Host.Commands;

namespace Valkey.Host.Snapshots;

internal sealed class SnapshotService
{
    private readonly List<IPersistenceProvider> _providers = [];

    public SnapshotService(Server server) => Dataset = new Dataset(server);

    /// <summary>The format of files; null while no plugin brought one.</summary>
    public ISnapshotFormat? Format { get; private set; }

    /// <summary>Ways to take a snapshot.</summary>
    public IReadOnlyList<IPersistenceProvider> Providers => _providers;

    /// <summary>The dataset, for those who save it.</summary>
    public Dataset Dataset { get; }

    public IDisposable AddFormat(ISnapshotFormat format, string owner)
    {
        if (Format is not null) throw new InvalidOperationException($"the snapshot format '{format.Name}' of '{owner}' is the second one");
        Format = format;
        return new Registration(() => Format = null);
    }

    public IDisposable AddProvider(IPersistenceProvider provider, string owner)
    {
        if (_providers.Exists(other => other.Name == provider.Name))
            throw new InvalidOperationException($"the persistence provider '{provider.Name}' of '{owner}' exists already");
        _providers.Add(provider);
        return new Registration(() => _providers.Remove(provider));
    }
}

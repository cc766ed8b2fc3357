// The Thread plugin: the persistence provider named thread. What is written while commands go on is told in ThreadSnapshot.cs;
// how entries get there without a fork is the business of the server's background iteration.

using System.Composition;
using Valkey.Abstractions;

namespace Valkey.Persistence.Threads;

/// <summary>Snapshots without fork: by a thread beside the commands.</summary>
[Export(typeof(IValkeyPlugin))]
public sealed class ThreadPlugin : IValkeyPlugin
{
    private ThreadProvider? _provider;

    /// <inheritdoc/>
    public string Name => "thread";

    /// <inheritdoc/>
    public Version Version => typeof(ThreadPlugin).Assembly.GetName().Version!;

    /// <inheritdoc/>
    public void Load(IPluginContext context)
    {
        _provider = new ThreadProvider(context);
        context.Persistence.Add(_provider);
    }

    /// <inheritdoc/>
    public void Unload() => _provider?.Kill();
}

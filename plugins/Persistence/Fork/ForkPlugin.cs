// The Fork plugin: the persistence provider named fork. How a process with .NET's threads can be forked is told in
// ForkMoment.cs, what the child does in ForkChild.cs, how the parent follows it in ForkProvider.cs.

using System.Composition;
using Valkey.Abstractions;

namespace Valkey.Persistence.Fork;

/// <summary>Snapshots by fork(2).</summary>
[Export(typeof(IValkeyPlugin))]
public sealed class ForkPlugin : IValkeyPlugin
{
    private ForkProvider? _provider;

    /// <inheritdoc/>
    public string Name => "fork";

    /// <inheritdoc/>
    public Version Version => typeof(ForkPlugin).Assembly.GetName().Version!;

    /// <inheritdoc/>
    public void Load(IPluginContext context)
    {
        StringOption cpuList = new("bgsave-cpulist") { Alias = "bgsave_cpulist", Flags = OptionFlags.Immutable };
        context.Options.Add(cpuList);
        _provider = new ForkProvider(context, cpuList);
        context.Persistence.Add(_provider);
    }

    /// <inheritdoc/>
    public void Unload() => _provider?.Close();
}

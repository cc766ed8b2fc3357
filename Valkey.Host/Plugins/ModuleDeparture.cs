// The last step of an unload: the module's code leaves memory once nothing refers to it any more, and only a collection finds
// out. The server may go without one for hours, so a few are asked for: each takes milliseconds, as the dataset is not on the
// managed heap. The log says how it ended, because what keeps code alive is a mistake that its author would never see.
// Command thread only. Holds always: it begins after the command that unloaded, whose frames still refer to the module.

using Valkey.Abstractions;

namespace Valkey.Host.Plugins;

/// <summary>Follows the code of one unloaded module out of memory.</summary>
internal sealed class ModuleDeparture(IPluginHost host, string name, WeakReference assemblies)
{
    private const string Owner = "core";
    private const int CollectionCountMax = 10;

    // Finalizers, and the compiling of what was called often, run between collections on threads of the runtime's. They are given
    // time, never waited for: each pause is twice the one before, so that a busy machine has most of a minute.
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(50);

    private int _collectionCount;

    /// <summary>Begins when the running command has ended.</summary>
    public void Follow() => host.Post(Collect, Owner);

    private void Collect()
    {
        GC.Collect();
        _collectionCount++;
        if (!assemblies.IsAlive)
            host.Log(LogLevel.Verbose, $"The code of module {name} is out of memory");
        else if (_collectionCount < CollectionCountMax)
            host.StartTimer(s_firstPause * (1 << (_collectionCount - 1)), isRepeating: false, Collect, Owner);
        else
            host.Log(LogLevel.Warning, $"The code of module {name} stays in memory: something still refers to it");
    }
}

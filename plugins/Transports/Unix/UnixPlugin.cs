// The Unix plugin: says what there is. How it works is in UnixTransport.cs and the files it names.

using System.Composition;
using Valkey.Abstractions;

namespace Valkey.Transports.Unix;

/// <summary>The transport named unix.</summary>
[Export(typeof(IValkeyPlugin))]
public sealed class UnixPlugin : IValkeyPlugin
{
    /// <inheritdoc/>
    public string Name => "unix";

    /// <inheritdoc/>
    public Version Version => typeof(UnixPlugin).Assembly.GetName().Version!;

    /// <inheritdoc/>
    public void Load(IPluginContext context)
    {
        UnixOptions options = new();
        options.Register(context.Options);
        context.Transports.Add(new UnixTransport(options, context.Options, context.Log));
    }

    /// <inheritdoc/>
    public void Unload() { } // nothing of ours outlives the registries
}

// The Tcp plugin: says what there is. How it works is in TcpTransport.cs and the files it names.

using System.Composition;
using Valkey.Abstractions;

namespace Valkey.Transports.Tcp;

/// <summary>The transport named tcp.</summary>
[Export(typeof(IValkeyPlugin))]
public sealed class TcpPlugin : IValkeyPlugin
{
    /// <inheritdoc/>
    public string Name => "tcp";

    /// <inheritdoc/>
    public Version Version => typeof(TcpPlugin).Assembly.GetName().Version!;

    /// <inheritdoc/>
    public void Load(IPluginContext context)
    {
        TcpOptions options = new();
        TcpTransport transport = new(options, context.Options, context.Log);
        // The log has the details: Valkey's replies are these sentences.
        options.Port.Applied = () =>
            context.Transports.Relisten(transport) is null ? null : "Unable to listen on this port. Check server logs.";
        options.Bind.Applied = () =>
            context.Transports.Relisten(transport) is null ? null : "Failed to bind to specified addresses.";
        options.Register(context.Options);
        context.Transports.Add(transport);
    }

    /// <inheritdoc/>
    public void Unload() { } // nothing of ours outlives the registries
}

// The Rdb plugin: says what there is. How it works is in the files named here.

using System.Composition;
using Valkey.Abstractions;

namespace Valkey.Rdb;

/// <summary>The RDB format of snapshots, and DUMP and RESTORE, which use it for single values.</summary>
[Export(typeof(IValkeyPlugin))]
public sealed class RdbPlugin : IValkeyPlugin
{
    /// <inheritdoc/>
    public string Name => "rdb";

    /// <inheritdoc/>
    public Version Version => typeof(RdbPlugin).Assembly.GetName().Version!;

    /// <inheritdoc/>
    public void Load(IPluginContext context)
    {
        RdbOptions options = new();
        options.Register(context.Options);
        RdbFormat format = new(options, context.Persistence.Dataset);
        context.Persistence.Add(format);
        DumpCommands.Prepare(new DumpPayload(options, format, context.DataTypes), context);
        DumpCommands.Register(context.Commands);
    }

    /// <inheritdoc/>
    public void Unload() => DumpCommands.Release();
}

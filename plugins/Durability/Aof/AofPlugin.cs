// The Aof plugin: says what there is. How it works is in the files named here.

using System.Composition;
using Valkey.Abstractions;
using Valkey.Aof.Files;
using Valkey.Aof.Loading;

namespace Valkey.Aof;

/// <summary>The append-only file: every write is logged, and a start repeats the log.</summary>
[Export(typeof(IValkeyPlugin))]
public sealed class AofPlugin : IValkeyPlugin
{
    /// <inheritdoc/>
    public string Name => "aof";

    /// <inheritdoc/>
    public Version Version => typeof(AofPlugin).Assembly.GetName().Version!;

    /// <inheritdoc/>
    public void Load(IPluginContext context)
    {
        AofOptions options = new();
        options.Register(context.Options);
        AofFolder folder = new(() => options.FolderName.Value, () => options.FileName.Value, context.Log, context.Background);
        AofLoader loader = new(folder, () => options.Enabled.Value, () => options.LoadsTruncated.Value, context.Log);
        context.Persistence.Add(loader);
    }

    /// <inheritdoc/>
    public void Unload()
    {
    }
}

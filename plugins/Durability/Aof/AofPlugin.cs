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
    private AppendOnlyLog? _log;

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
        _log = new AppendOnlyLog(context, options, folder);
        AofLoader loader = new(folder, () => options.Enabled.Value, () => options.LoadsTruncated.Value, context.Log)
        {
            Settling = _log.TrySettle,
            Opening = _log.TryStart,
        };
        context.Persistence.Add(loader);
        AofInformation.Register(context.Info, _log);
        AofCommands.Prepare(context, _log);
        AofCommands.Register(context.Commands);
        AofDebugTools.Register(context.Server, _log);
    }

    /// <inheritdoc/>
    public void Unload()
    {
        AofCommands.Release();
        _log?.Close();
    }
}

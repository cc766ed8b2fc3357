// The JsonSnapshot module: a persistence provider of a third party. How a snapshot begins and ends is JsonProvider.cs, what
// happens to each key JsonSnapshot.cs, how a value becomes JSON JsonValue.cs.

using System.Composition;
using Valkey.Abstractions;

namespace Valkey.Samples.JsonSnapshot;

/// <summary>Registers the provider, which BGSAVE then knows by its name, and an option.</summary>
[Export(typeof(IValkeyPlugin))]
public sealed class JsonSnapshotModule : IValkeyPlugin
{
    private readonly StringOption _fileName = new("filename", "dump.jsonl")
    {
        Validate = arguments => arguments[0].Length > 0 ? null : "a file needs a name",
    };

    private JsonProvider? _provider;

    /// <inheritdoc/>
    public string Name => "jsonsnapshot";

    /// <inheritdoc/>
    public Version Version => typeof(JsonSnapshotModule).Assembly.GetName().Version!;

    /// <inheritdoc/>
    public void Load(IPluginContext context)
    {
        context.Options.Add(_fileName);
        _provider = new JsonProvider(context.Persistence.Dataset, _fileName);
        context.Persistence.Add(_provider); // taken back by the server when the module is unloaded
    }

    /// <inheritdoc/>
    public void Unload() => _provider?.Kill();
}

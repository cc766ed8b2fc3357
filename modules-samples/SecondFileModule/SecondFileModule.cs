// The SecondFile module: every write goes into a second file too, and replies wait until it is there. How the file is written
// and confirmed is SecondFileProvider.cs.
// Holds always: while secondfile.enabled is yes there is one provider, which takes part in the server's minimum, and one sink.

using System.Composition;
using Valkey.Abstractions;

namespace Valkey.Samples.SecondFile;

/// <summary>Registers the options, the provider with its sink, and a section of INFO.</summary>
[Export(typeof(IValkeyPlugin))]
public sealed class SecondFileModule : IValkeyPlugin
{
    private readonly StringOption _path = new("path", "secondfile.resp") { Flags = OptionFlags.Immutable };
    private readonly BoolOption _enabled = new("enabled", true);
    private SecondFileProvider? _provider;

    /// <inheritdoc/>
    public string Name => "secondfile";

    /// <inheritdoc/>
    public Version Version => typeof(SecondFileModule).Assembly.GetName().Version!;

    /// <inheritdoc/>
    public void Load(IPluginContext context)
    {
        context.Options.Add(_path); // values from the file or from MODULE LOADEX are in them from here on
        context.Options.Add(_enabled);
        SecondFileProvider provider = new(context, _path.Value);
        _provider = provider;
        context.Durability.Add(provider); // not enabled yet: nothing waits for it
        if (_enabled.Value) provider.Enable();
        _enabled.Applied = () => Apply(provider);
        context.Info.AddSection("secondfile", provider.WriteInfo);
    }

    /// <inheritdoc/>
    public void Unload() => _provider?.Dispose(); // registrations are gone by now: nobody waits for it any more

    private string? Apply(SecondFileProvider provider)
    {
        if (_enabled.Value) provider.Enable();
        else provider.Disable();
        return null;
    }
}

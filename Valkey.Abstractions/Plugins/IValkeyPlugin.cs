namespace Valkey.Abstractions;

/// <summary>What a plugin DLL exports, once: <c>[Export(typeof(IValkeyPlugin))]</c> on a public class.</summary>
/// <remarks>
/// All calls come on the command thread. The class only registers what there is; behaviour lives in the types it names.
/// A plugin is accepted when it was built against the host's major version of this assembly and a minor version not above it.
/// </remarks>
public interface IValkeyPlugin
{
    /// <summary>Lower-case name, unique in the server; the prefix of the plugin's own options.</summary>
    string Name { get; }

    /// <summary>The plugin's own version, as <c>MODULE LIST</c> shows it.</summary>
    Version Version { get; }

    /// <summary>Registers what the plugin offers. All or nothing: when it throws, what it had registered is taken back.</summary>
    void Load(IPluginContext context);

    /// <summary>
    /// Called before the registrations are dropped. Afterwards nothing of the plugin may be reachable: no thread, no event
    /// handler in somebody else's object. Throwing refuses the unload with the exception's message.
    /// </summary>
    void Unload();
}

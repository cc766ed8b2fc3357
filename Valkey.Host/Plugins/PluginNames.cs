using System.Buffers;

namespace Valkey.Host.Plugins;

/// <summary>What a plugin may be called: its name is an owner, a log prefix and the front of option names.</summary>
internal static class PluginNames
{
    /// <summary>The characters.</summary>
    public static SearchValues<char> Allowed { get; } = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_");
}

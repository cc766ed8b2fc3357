namespace Valkey.Host.Plugins;

/// <summary>A plugin cannot be loaded; nothing of it is left. The message is one line: the file and the reason.</summary>
internal sealed class PluginLoadException(string path, string reason, Exception? cause = null)
    : Exception(OneLine($"{path}: {reason}"), cause)
{
    /// <summary>The file or folder.</summary>
    public string Path { get; } = path;

    /// <summary>Turns what may be several lines (exception messages are) into one.</summary>
    public static string OneLine(string text) =>
        string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}

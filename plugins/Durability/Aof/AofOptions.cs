// What operators set about the append-only file.

using Valkey.Abstractions;

namespace Valkey.Aof;

internal sealed class AofOptions
{
    /// <summary>Writes are logged.</summary>
    public BoolOption Enabled { get; } = new("appendonly", false) { Flags = OptionFlags.DenyLoading };

    /// <summary>What the names of all files begin with.</summary>
    public StringOption FileName { get; } = new("appendfilename", "appendonly.aof")
    {
        Flags = OptionFlags.Immutable,
        Validate = static arguments => RefusePath(arguments[0], "appendfilename", "filename"),
    };

    /// <summary>The folder of the files.</summary>
    public StringOption FolderName { get; } = new("appenddirname", "appendonlydir")
    {
        Flags = OptionFlags.Immutable,
        Validate = static arguments => RefusePath(arguments[0], "appenddirname", "dirname"),
    };

    /// <summary>A last file that ends in the middle of a command is cut off behind the last whole one, and loaded.</summary>
    public BoolOption LoadsTruncated { get; } = new("aof-load-truncated", true);

    public void Register(IOptionRegistry registry)
    {
        registry.Add(Enabled);
        registry.Add(FileName);
        registry.Add(FolderName);
        registry.Add(LoadsTruncated);
    }

    private static string? RefusePath(string value, string name, string kind) =>
        value.Length == 0 ? $"{name} can't be empty"
        : value.AsSpan().ContainsAny('/', '\\') ? $"{name} can't be a path, just a {kind}"
        : null;
}

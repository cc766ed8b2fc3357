// Options: one object per option holds its facts, its value and its way from text and back. The file, the command line,
// CONFIG GET, SET and REWRITE all go through it, so an option means the same everywhere.
// Holds always: values change on the command thread only; other threads may read them.

namespace Valkey.Abstractions;

/// <summary>What may be done with an option.</summary>
[Flags]
public enum OptionFlags
{
    /// <summary>Can be set at any time.</summary>
    None = 0,

    /// <summary>Only by file or command line.</summary>
    Immutable = 1 << 0,

    /// <summary>Found by its exact name only, not by patterns.</summary>
    Hidden = 1 << 1,

    /// <summary>Takes several arguments.</summary>
    MultiArgument = 1 << 2,

    /// <summary>Its value is not written to logs and monitors.</summary>
    Sensitive = 1 << 3,

    /// <summary>CONFIG SET needs <c>enable-protected-configs</c>.</summary>
    Protected = 1 << 4,

    /// <summary>CONFIG SET is refused while loading.</summary>
    DenyLoading = 1 << 5,

    /// <summary>Setting it to the value it has applies it again (a file's content may have changed).</summary>
    Volatile = 1 << 6,
}

/// <summary>An option of the server or of a plugin.</summary>
public abstract class ConfigOption
{
    /// <summary>Creates an option.</summary>
    /// <param name="name">Lower case; of a module without the module's name, which the host puts in front.</param>
    protected ConfigOption(string name) => Name = name;

    /// <summary>Its full name.</summary>
    public string Name { get; internal set; }

    /// <summary>A second name, or null.</summary>
    public string? Alias { get; init; }

    /// <summary>What may be done with it.</summary>
    public OptionFlags Flags { get; init; }

    /// <summary>Called after CONFIG SET changed the value: null when the change took effect, else the reason, and the value goes back.</summary>
    public Func<string?>? Applied { get; set; }

    /// <summary>Refuses a well-formed value for a reason of the option's own: null when it is fine, else the reason. Called before it is stored.</summary>
    public Func<IReadOnlyList<string>, string?>? Validate { get; set; }

    /// <summary>The value as CONFIG GET shows it.</summary>
    public abstract string Text { get; }

    /// <summary>The default as CONFIG GET shows it.</summary>
    public abstract string DefaultText { get; }

    /// <summary>Stores the value given by these arguments.</summary>
    /// <returns>Null when it was stored, else what is wrong with the arguments; the old value stays.</returns>
    public string? TrySet(IReadOnlyList<string> arguments)
    {
        if ((Flags & OptionFlags.MultiArgument) == 0 && arguments.Count != 1) return "wrong number of arguments";
        return Validate?.Invoke(arguments) ?? Store(arguments);
    }

    /// <summary>What <see cref="TrySet"/> takes to bring the present value back.</summary>
    public virtual IReadOnlyList<string> Snapshot() => [Text];

    /// <summary>The argument lists that CONFIG REWRITE writes behind the name, one line each; empty when the line can be left out.</summary>
    public virtual IReadOnlyList<IReadOnlyList<string>> RewriteLines() => Text == DefaultText ? [] : [RewriteArguments()];

    /// <summary>The present value as a person would write it into the file (<c>64mb</c>); what <see cref="TrySet"/> takes.</summary>
    public virtual IReadOnlyList<string> RewriteArguments() => Snapshot();

    /// <summary>Parses and stores. Null or what is wrong.</summary>
    protected abstract string? Store(IReadOnlyList<string> arguments);
}

/// <summary>The server's options.</summary>
public interface IOptionRegistry
{
    /// <summary>Adds an option. Values for it that the file or command line held already are applied at once.</summary>
    /// <exception cref="InvalidOperationException">The name is taken, or the given value is wrong; the message says which.</exception>
    void Add(ConfigOption option);

    /// <summary>The option of that name or alias, or null.</summary>
    ConfigOption? Find(string name);
}

// The usual kinds of options: yes/no, one of a list, text.

namespace Valkey.Abstractions;

/// <summary><c>yes</c> or <c>no</c>.</summary>
public sealed class BoolOption(string name, bool defaultValue) : ConfigOption(name)
{
    private readonly bool _default = defaultValue;

    /// <summary>The value.</summary>
    public bool Value { get; set; } = defaultValue;

    /// <inheritdoc/>
    public override string Text => Value ? "yes" : "no";

    /// <inheritdoc/>
    public override string DefaultText => _default ? "yes" : "no";

    /// <inheritdoc/>
    protected override string? Store(IReadOnlyList<string> arguments)
    {
        if (arguments[0].Equals("yes", StringComparison.OrdinalIgnoreCase)) Value = true;
        else if (arguments[0].Equals("no", StringComparison.OrdinalIgnoreCase)) Value = false;
        else return "argument must be 'yes' or 'no'";
        return null;
    }
}

/// <summary>One of a list of words.</summary>
public sealed class EnumOption(string name, int defaultValue, params string[] words) : ConfigOption(name)
{
    private readonly int _default = defaultValue;

    /// <summary>Index of the word.</summary>
    public int Value { get; set; } = defaultValue;

    /// <inheritdoc/>
    public override string Text => words[Value];

    /// <inheritdoc/>
    public override string DefaultText => words[_default];

    /// <inheritdoc/>
    protected override string? Store(IReadOnlyList<string> arguments)
    {
        int index = Array.FindIndex(words, word => word.Equals(arguments[0], StringComparison.OrdinalIgnoreCase));
        if (index < 0) return "argument(s) must be one of the following: " + string.Join(", ", words);
        Value = index;
        return null;
    }
}

/// <summary>Several words of a list at once, in any order (<c>shutdown-on-sigterm nosave now</c>).</summary>
public sealed class FlagsOption : ConfigOption
{
    private readonly string[] _words;

    /// <summary>The first word stands for none of the others.</summary>
    public FlagsOption(string name, params string[] words) : base(name)
    {
        _words = words;
        Flags = OptionFlags.MultiArgument;
    }

    /// <summary>Bit i - 1 is set when word i was given.</summary>
    public int Value { get; set; }

    /// <inheritdoc/>
    public override string Text => string.Join(' ', Snapshot());

    /// <inheritdoc/>
    public override string DefaultText => _words[0];

    /// <inheritdoc/>
    public override IReadOnlyList<string> Snapshot()
    {
        List<string> given = [];
        for (int i = 1; i < _words.Length; i++)
        {
            if ((Value & (1 << (i - 1))) != 0) given.Add(_words[i]);
        }

        return given.Count == 0 ? [_words[0]] : given;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<IReadOnlyList<string>> RewriteLines() => Value == 0 ? [] : [Snapshot()];

    /// <inheritdoc/>
    protected override string? Store(IReadOnlyList<string> arguments)
    {
        int value = 0;
        if (arguments.Count == 0) return "argument(s) must be one of the following: " + string.Join(", ", _words);
        foreach (string word in arguments)
        {
            int index = Array.FindIndex(_words, w => w.Equals(word, StringComparison.OrdinalIgnoreCase));
            if (index < 0) return "argument(s) must be one of the following: " + string.Join(", ", _words);
            if (index > 0) value |= 1 << (index - 1);
        }

        Value = value;
        return null;
    }
}

/// <summary>Text. An empty argument clears it.</summary>
public sealed class StringOption(string name, string defaultValue = "") : ConfigOption(name)
{
    private readonly string _default = defaultValue;

    /// <summary>The value; empty when not set.</summary>
    public string Value { get; set; } = defaultValue;

    /// <inheritdoc/>
    public override string Text => Value;

    /// <inheritdoc/>
    public override string DefaultText => _default;

    /// <inheritdoc/>
    protected override string? Store(IReadOnlyList<string> arguments)
    {
        Value = arguments[0];
        return null;
    }
}

/// <summary>An option whose value is kept and parsed elsewhere (<c>bind</c>, <c>save</c>, <c>client-output-buffer-limit</c>).</summary>
public sealed class CustomOption(
    string name, Func<string> text, string defaultText, Func<IReadOnlyList<string>, string?> store) : ConfigOption(name)
{
    /// <summary>The lines for CONFIG REWRITE; by default one with the whole text split at blanks, when it differs from the default.</summary>
    public Func<IReadOnlyList<IReadOnlyList<string>>>? Rewrite { get; init; }

    /// <inheritdoc/>
    public override string Text => text();

    /// <inheritdoc/>
    public override string DefaultText => defaultText;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Snapshot() =>
        (Flags & OptionFlags.MultiArgument) == 0 ? [Text] : Text.Split(' ', StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } words ? words : [""];

    /// <inheritdoc/>
    public override IReadOnlyList<IReadOnlyList<string>> RewriteLines() =>
        Rewrite is not null ? Rewrite() : Text == DefaultText ? [] : [Snapshot()];

    /// <inheritdoc/>
    protected override string? Store(IReadOnlyList<string> arguments) => store(arguments);
}

// The CONFIG pairs of MODULE LOADEX. They are applied when the module adds the option, and each must find one: a value that
// nobody took is a mistake of the operator's that would otherwise go unseen.

using Valkey.Abstractions;

namespace Valkey.Host.Plugins;

/// <summary>Values for options that do not exist yet.</summary>
internal sealed class ModuleOptionValues
{
    private readonly Dictionary<string, string> _values = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The names that no option took, or null when there are none.</summary>
    public string? Unused => _values.Count == 0 ? null : string.Join(", ", _values.Keys);

    /// <summary>Remembers a value under the option's full name, <c>module.option</c>; the last one counts.</summary>
    public void Add(string name, string value) => _values[name] = value;

    /// <summary>Stores the value that was given for this option, if one was.</summary>
    /// <exception cref="InvalidOperationException">The value is wrong.</exception>
    public void ApplyTo(ConfigOption option)
    {
        if (!_values.Remove(option.Name, out string? value)) return;

        bool isList = (option.Flags & OptionFlags.MultiArgument) != 0;
        string[] arguments = isList ? value.Split(' ', StringSplitOptions.RemoveEmptyEntries) : [value];
        if (option.TrySet(arguments) is { } error)
            throw new InvalidOperationException($"option '{option.Name}' cannot be '{value}': {error}");
    }
}

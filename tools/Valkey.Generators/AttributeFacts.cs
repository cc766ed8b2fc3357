// AttributeFacts.cs: facts that stand on the attribute itself, for authors of modules who want no facts file. An arity
// makes them count and then replaces any record of a file; without it every fact but the key finder is a mistake.

using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace Valkey.Generators;

internal sealed class AttributeFacts
{
    private readonly Dictionary<string, TypedConstant> _named;
    private readonly string _command;

    public AttributeFacts(AttributeData attribute, string command)
    {
        _named = attribute.NamedArguments.ToDictionary(pair => pair.Key, pair => pair.Value);
        _command = command;
    }

    public string? KeyFinder => Text("KeyFinder");

    /// <summary>The facts that are given in vain, or null.</summary>
    public string? StrayNames
    {
        get
        {
            if (_named.ContainsKey("Arity")) return null;
            string names = string.Join(", ", _named.Keys.Where(name => name != "KeyFinder"));
            return names.Length == 0 ? null : names;
        }
    }

    public CommandFacts? Read()
    {
        int arity = Integer("Arity");
        if (arity == 0) return null;

        List<string> flags = Members("Flags");
        return new CommandFacts(
            _command,
            arity,
            FactNames.Combine("CommandFlags", flags),
            FactNames.Combine("AclCategories", WithImplied(Members("Categories"), flags)),
            Text("Group") ?? "module",
            Text("Since") ?? "1.0.0",
            default,
            new EquatableArray<KeySpecFacts>(KeySpecs(flags)),
            FactNames.Combine("CommandDocFlags", []),
            Documentation());
    }

    // What a command may do decides these categories, so that an access rule holds for it without its author's help.
    private static List<string> WithImplied(List<string> categories, List<string> flags)
    {
        List<string> all = [.. categories];
        if (flags.Contains("Write")) all.Add("Write");
        if (flags.Contains("ReadOnly") && !categories.Contains("Scripting")) all.Add("Read");
        if (flags.Contains("Admin")) all.AddRange(["Admin", "Dangerous"]);
        if (flags.Contains("PubSub")) all.Add("PubSub");
        if (flags.Contains("Blocking")) all.Add("Blocking");
        all.Add(flags.Contains("Fast") || categories.Contains("Fast") ? "Fast" : "Slow");
        return [.. all.Distinct()];
    }

    private IEnumerable<KeySpecFacts> KeySpecs(List<string> flags)
    {
        int first = Integer("FirstKey");
        if (first <= 0) yield break;

        string access = flags.Contains("ReadOnly")
            ? FactNames.Combine("KeySpecFlags", ["ReadOnly", "Access"])
            : FactNames.Combine("KeySpecFlags", ["ReadWrite", "Access", "Update"]);
        int last = _named.ContainsKey("LastKey") ? Integer("LastKey") : first;
        int step = _named.ContainsKey("KeyStep") ? Integer("KeyStep") : 1;
        yield return KeySpecFacts.FromRange(access, first, last, step);
    }

    private string Documentation()
    {
        JsonValue record = new(JsonKind.Object, 0);
        foreach (string name in new[] { "Summary", "Complexity" })
        {
            if (Text(name) is not { } text) continue;
            record.Members.Add(new KeyValuePair<string, JsonValue>(
                name.ToLowerInvariant(), new JsonValue(JsonKind.String, 0, text)));
        }
        return FactsReader.ReadDocumentation(record);
    }

    private string? Text(string name) => _named.TryGetValue(name, out TypedConstant value) ? value.Value as string : null;

    private int Integer(string name) =>
        _named.TryGetValue(name, out TypedConstant value) && value.Value is int number ? number : 0;

    /// <summary>The single-bit members that a value of a flags enum consists of, in the order of their declaration.</summary>
    private List<string> Members(string name)
    {
        if (!_named.TryGetValue(name, out TypedConstant value) || value.Value is not ulong bits || value.Type is null) return [];

        return [.. value.Type.GetMembers()
            .OfType<IFieldSymbol>()
            .Where(field => field.ConstantValue is ulong bit && bit != 0 && (bit & (bit - 1)) == 0 && (bits & bit) != 0)
            .Select(field => field.Name)];
    }
}

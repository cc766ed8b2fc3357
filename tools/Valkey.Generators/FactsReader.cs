// FactsReader.cs: turns a commands.json into facts. The file is an array of objects, one per command, and every member
// of them is known here: an unknown one is an error, since it would be a fact that nothing acts upon.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace Valkey.Generators;

internal static class FactsReader
{
    private static readonly string[] s_required =
        ["name", "group", "since", "arity", "flags", "categories"];

    private static readonly string[] s_optional = ["tips", "keySpecs", "docFlags"];

    // Only told to a client that asks for documentation, in this order; the rest of the server never looks at it.
    private static readonly string[] s_documentation =
        ["summary", "complexity", "deprecated_since", "replaced_by", "history", "arguments"];

    private static readonly HashSet<string> s_known =
        new(s_required.Concat(s_optional).Concat(s_documentation), StringComparer.Ordinal);

    private static readonly JsonValue s_none = new(JsonKind.Array, 0);

    /// <exception cref="FactsFormatException">The text is not JSON or not a list of commands.</exception>
    public static IReadOnlyList<CommandFacts> Read(string text)
    {
        List<CommandFacts> all = [];
        foreach (JsonValue record in Items(JsonReader.Parse(text))) all.Add(ReadCommand(record));
        return all;
    }

    private static CommandFacts ReadCommand(JsonValue record)
    {
        foreach (KeyValuePair<string, JsonValue> member in Members(record))
        {
            if (!s_known.Contains(member.Key))
            {
                throw new FactsFormatException(member.Value.Offset, $"a command has no member \"{member.Key}\"");
            }
        }

        return new CommandFacts(
            ReadName(Require(record, "name")),
            ReadArity(Require(record, "arity")),
            FactNames.Flags(Require(record, "flags")),
            FactNames.Categories(Require(record, "categories")),
            String(Require(record, "group")),
            String(Require(record, "since")),
            new EquatableArray<string>(Items(Find(record, "tips") ?? s_none).Select(String)),
            new EquatableArray<KeySpecFacts>(Items(Find(record, "keySpecs") ?? s_none).Select(ReadKeySpec)),
            FactNames.DocFlags(Find(record, "docFlags") ?? s_none),
            ReadDocumentation(record));
    }

    private static string ReadName(JsonValue value)
    {
        string name = String(value);
        if (name.Length == 0 || name.Any(char.IsUpper))
        {
            throw new FactsFormatException(value.Offset, "a command's name is written in lower case");
        }
        return name;
    }

    private static int ReadArity(JsonValue value)
    {
        int arity = Integer(value);
        return arity != 0 ? arity : throw new FactsFormatException(value.Offset, "an arity counts the name and is never 0");
    }

    private static KeySpecFacts ReadKeySpec(JsonValue spec) => new(
        FactNames.KeySpecFlags(Require(spec, "flags")),
        Find(spec, "notes") is { } notes ? String(notes) : null,
        ReadBegin(Single(Require(spec, "begin_search"))),
        ReadFind(Single(Require(spec, "find_keys"))));

    private static string ReadBegin(KeyValuePair<string, JsonValue> search) => search.Key switch
    {
        "index" => KeySpecFacts.IndexBegin(Integer(Require(search.Value, "pos"))),
        "keyword" => string.Format(
            CultureInfo.InvariantCulture,
            "new KeySpecBegin(KeySpecBeginKind.Keyword, {0}, {1})",
            Integer(Require(search.Value, "startfrom")),
            CodeWriter.Literal(String(Require(search.Value, "keyword")))),
        "unknown" => "new KeySpecBegin(KeySpecBeginKind.Unknown, 0, null)",
        _ => throw new FactsFormatException(search.Value.Offset, $"keys cannot begin by \"{search.Key}\""),
    };

    private static string ReadFind(KeyValuePair<string, JsonValue> search) => search.Key switch
    {
        "range" => KeySpecFacts.RangeFind(
            Integer(Require(search.Value, "lastkey")),
            Integer(Require(search.Value, "step")),
            Integer(Require(search.Value, "limit"))),
        "keynum" => string.Format(
            CultureInfo.InvariantCulture,
            "KeySpecFindKind.KeyNumber, LastKey: 0, Step: {0}, Limit: 0, KeyNumberIndex: {1}, FirstKey: {2}",
            Integer(Require(search.Value, "step")),
            Integer(Require(search.Value, "keynumidx")),
            Integer(Require(search.Value, "firstkey"))),
        "unknown" => "KeySpecFindKind.Unknown, LastKey: 0, Step: 0, Limit: 0, KeyNumberIndex: 0, FirstKey: 0",
        _ => throw new FactsFormatException(search.Value.Offset, $"keys cannot be found by \"{search.Key}\""),
    };

    // One member a line, and one argument or history entry a line: the generated file is also read by people.
    public static string ReadDocumentation(JsonValue record)
    {
        StringBuilder text = new();
        foreach (string name in s_documentation)
        {
            if (Find(record, name) is not { } value || (value.Kind == JsonKind.Array && value.Items.Count == 0)) continue;

            text.Append(text.Length == 0 ? "{\n  " : ",\n  ");
            JsonValue.WriteString(text, name);
            text.Append(": ");
            if (value.Kind == JsonKind.Array) WriteLines(text, value.Items);
            else value.WriteTo(text);
        }
        return text.Length == 0 ? "" : text.Append("\n}").ToString();
    }

    private static void WriteLines(StringBuilder text, List<JsonValue> items)
    {
        text.Append('[');
        for (int i = 0; i < items.Count; i++)
        {
            text.Append(i == 0 ? "\n    " : ",\n    ");
            items[i].WriteTo(text);
        }
        text.Append("\n  ]");
    }

    public static string String(JsonValue value) => value.Kind == JsonKind.String
        ? value.Text
        : throw new FactsFormatException(value.Offset, "a string is expected");

    public static IReadOnlyList<JsonValue> Items(JsonValue value) => value.Kind == JsonKind.Array
        ? value.Items
        : throw new FactsFormatException(value.Offset, "an array is expected");

    private static List<KeyValuePair<string, JsonValue>> Members(JsonValue value) => value.Kind == JsonKind.Object
        ? value.Members
        : throw new FactsFormatException(value.Offset, "an object is expected");

    private static KeyValuePair<string, JsonValue> Single(JsonValue value) => Members(value).Count == 1
        ? value.Members[0]
        : throw new FactsFormatException(value.Offset, "an object of one member is expected");

    private static int Integer(JsonValue value) =>
        value.Kind == JsonKind.Number
        && int.TryParse(value.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new FactsFormatException(value.Offset, "an integer is expected");

    private static JsonValue Require(JsonValue record, string name) =>
        Find(record, name) ?? throw new FactsFormatException(record.Offset, $"member \"{name}\" is missing");

    private static JsonValue? Find(JsonValue record, string name)
    {
        foreach (KeyValuePair<string, JsonValue> member in Members(record))
        {
            if (member.Key == name) return member.Value;
        }
        return null;
    }
}

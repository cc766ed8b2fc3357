// JsonValue.cs: one parsed JSON value that remembers where it stood, so that a wrong fact can be pointed at.
// The compiler's host loads generators without their dependencies, which is why this is not System.Text.Json.

using System.Collections.Generic;
using System.Text;

namespace Valkey.Generators;

internal enum JsonKind
{
    Null,
    False,
    True,
    Number,
    String,
    Array,
    Object,
}

internal sealed class JsonValue
{
    public JsonValue(JsonKind kind, int offset, string text = "")
    {
        Kind = kind;
        Offset = offset;
        Text = text;
    }

    public JsonKind Kind { get; }

    /// <summary>Index of the value's first character in the file.</summary>
    public int Offset { get; }

    /// <summary>A string's characters or a number's literal; empty for all else.</summary>
    public string Text { get; }

    public List<JsonValue> Items { get; } = [];

    public List<KeyValuePair<string, JsonValue>> Members { get; } = [];

    /// <summary>Writes the value without white space between its tokens.</summary>
    public void WriteTo(StringBuilder output)
    {
        switch (Kind)
        {
            case JsonKind.Null: output.Append("null"); break;
            case JsonKind.False: output.Append("false"); break;
            case JsonKind.True: output.Append("true"); break;
            case JsonKind.Number: output.Append(Text); break;
            case JsonKind.String: WriteString(output, Text); break;
            case JsonKind.Array: WriteItems(output); break;
            case JsonKind.Object: WriteMembers(output); break;
        }
    }

    public static void WriteString(StringBuilder output, string text)
    {
        output.Append('"');
        foreach (char c in text)
        {
            if (c is '"' or '\\') output.Append('\\').Append(c);
            else if (c < ' ') output.Append("\\u").Append(((int)c).ToString("x4", null));
            else output.Append(c);
        }
        output.Append('"');
    }

    private void WriteItems(StringBuilder output)
    {
        output.Append('[');
        for (int i = 0; i < Items.Count; i++)
        {
            if (i > 0) output.Append(',');
            Items[i].WriteTo(output);
        }
        output.Append(']');
    }

    private void WriteMembers(StringBuilder output)
    {
        output.Append('{');
        for (int i = 0; i < Members.Count; i++)
        {
            if (i > 0) output.Append(',');
            WriteString(output, Members[i].Key);
            output.Append(':');
            Members[i].Value.WriteTo(output);
        }
        output.Append('}');
    }
}

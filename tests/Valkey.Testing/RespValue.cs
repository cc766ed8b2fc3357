// One reply: its exact bytes, and what they mean.

using System.Globalization;
using System.Text;

namespace Valkey.Testing;

/// <summary>What kind of reply it is; the value is the type byte of the protocol.</summary>
public enum RespKind
{
    /// <summary>+ simple string.</summary>
    SimpleString = '+',

    /// <summary>- error.</summary>
    Error = '-',

    /// <summary>: integer.</summary>
    Integer = ':',

    /// <summary>$ bulk string, also null in RESP2.</summary>
    BulkString = '$',

    /// <summary>* array, also null in RESP2.</summary>
    Array = '*',

    /// <summary>_ null of RESP3.</summary>
    Null = '_',

    /// <summary># boolean.</summary>
    Boolean = '#',

    /// <summary>, double.</summary>
    Double = ',',

    /// <summary>( big number.</summary>
    BigNumber = '(',

    /// <summary>! error with a length.</summary>
    BulkError = '!',

    /// <summary>= verbatim string; its text is without the format's prefix.</summary>
    VerbatimString = '=',

    /// <summary>% map: its items are key, value, key, value.</summary>
    Map = '%',

    /// <summary>~ set.</summary>
    Set = '~',

    /// <summary>| attribute: its items are key, value, ...</summary>
    Attribute = '|',

    /// <summary>&gt; push.</summary>
    Push = '>',
}

/// <summary>A parsed reply together with its exact bytes.</summary>
public sealed class RespValue
{
    internal RespValue(RespKind kind, ReadOnlyMemory<byte> rawBytes, byte[]? bytes, IReadOnlyList<RespValue>? items)
    {
        Kind = kind;
        RawBytes = rawBytes;
        Bytes = bytes;
        Items = items ?? [];
        IsNull = bytes is null && items is null;
    }

    /// <summary>The reply's kind.</summary>
    public RespKind Kind { get; }

    /// <summary>The reply's exact bytes on the wire.</summary>
    public ReadOnlyMemory<byte> RawBytes { get; }

    /// <summary>The exact bytes as text, one character a byte.</summary>
    public string Raw => Encoding.Latin1.GetString(RawBytes.Span);

    /// <summary>Content of a string, number or error; null for nulls and aggregates.</summary>
    public byte[]? Bytes { get; }

    /// <summary>Elements of an aggregate; empty for everything else.</summary>
    public IReadOnlyList<RespValue> Items { get; }

    /// <summary>True for the nulls of both protocols.</summary>
    public bool IsNull { get; }

    /// <summary>True for errors of both kinds.</summary>
    public bool IsError => Kind is RespKind.Error or RespKind.BulkError;

    /// <summary>Content as text, one character a byte; "(nil)" for null.</summary>
    public string Text => Bytes is null ? (IsNull ? "(nil)" : ToString()) : Encoding.Latin1.GetString(Bytes);

    /// <summary>Content as an integer.</summary>
    public long Integer => long.Parse(Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

    /// <summary>The element at the index.</summary>
    public RespValue this[int index] => Items[index];

    /// <summary>The value of a key in a map of RESP3 or in the flat array that RESP2 has in its place.</summary>
    public RespValue this[string key] => Find(key) ?? throw new KeyNotFoundException($"No '{key}' in {this}.");

    /// <summary>The value of a key, or null when it is not there.</summary>
    public RespValue? Find(string key)
    {
        for (int i = 0; i + 1 < Items.Count; i += 2)
        {
            if (Items[i].Text == key) return Items[i + 1];
        }

        return null;
    }

    /// <summary>The elements' texts.</summary>
    public string[] Texts()
    {
        string[] texts = new string[Items.Count];
        for (int i = 0; i < texts.Length; i++) texts[i] = Items[i].Text;
        return texts;
    }

    /// <summary>Readable form that is the same for both protocols: [a, 1, (nil)].</summary>
    public override string ToString()
        => Bytes is not null || IsNull ? Text : "[" + string.Join(", ", (IEnumerable<RespValue>)Items) + "]";
}

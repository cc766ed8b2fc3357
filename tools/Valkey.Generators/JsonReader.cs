// JsonReader.cs: a strict JSON parser (RFC 8259) by recursive descent; one method per kind of value.
// Every error names the index of the character at which reading could not go on. A repeated member name is an
// error too, since a fact that is given twice is a mistake.

using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Valkey.Generators;

internal sealed class JsonReader
{
    private const int MaxDepth = 64;

    private readonly string _text;
    private int _position;
    private int _depth;

    private JsonReader(string text) => _text = text;

    /// <summary>Reads the one value that the text consists of.</summary>
    /// <exception cref="FactsFormatException">The text is not JSON.</exception>
    public static JsonValue Parse(string text)
    {
        JsonReader reader = new(text);
        JsonValue value = reader.ReadValue();
        reader.SkipWhiteSpace();
        if (reader._position < text.Length) throw reader.Error("nothing may follow the value");
        return value;
    }

    private JsonValue ReadValue()
    {
        SkipWhiteSpace();
        return Current switch
        {
            '{' => ReadNested(ReadObject),
            '[' => ReadNested(ReadArray),
            '"' => new JsonValue(JsonKind.String, _position, ReadString()),
            't' => ReadWord("true", JsonKind.True),
            'f' => ReadWord("false", JsonKind.False),
            'n' => ReadWord("null", JsonKind.Null),
            '-' or (>= '0' and <= '9') => ReadNumber(),
            _ => throw Error("a value is expected"),
        };
    }

    private JsonValue ReadNested(System.Func<JsonValue> read)
    {
        if (++_depth > MaxDepth) throw Error("values are nested too deeply");
        JsonValue value = read();
        _depth--;
        return value;
    }

    private JsonValue ReadObject()
    {
        JsonValue value = new(JsonKind.Object, _position++);
        SkipWhiteSpace();
        if (TryTake('}')) return value;

        HashSet<string> names = [];
        do
        {
            SkipWhiteSpace();
            int nameOffset = _position;
            string name = ReadString();
            if (!names.Add(name)) throw new FactsFormatException(nameOffset, $"member \"{name}\" is given twice");

            SkipWhiteSpace();
            if (!TryTake(':')) throw Error("':' is expected");
            value.Members.Add(new KeyValuePair<string, JsonValue>(name, ReadValue()));
            SkipWhiteSpace();
        }
        while (TryTake(','));

        if (!TryTake('}')) throw Error("',' or '}' is expected");
        return value;
    }

    private JsonValue ReadArray()
    {
        JsonValue value = new(JsonKind.Array, _position++);
        SkipWhiteSpace();
        if (TryTake(']')) return value;

        do
        {
            value.Items.Add(ReadValue());
            SkipWhiteSpace();
        }
        while (TryTake(','));

        if (!TryTake(']')) throw Error("',' or ']' is expected");
        return value;
    }

    private string ReadString()
    {
        if (!TryTake('"')) throw Error("a string is expected");

        StringBuilder text = new();
        while (!TryTake('"'))
        {
            if (_position == _text.Length || Current < ' ') throw Error("the string is not closed");
            if (TryTake('\\')) text.Append(ReadEscaped());
            else text.Append(_text[_position++]);
        }
        return text.ToString();
    }

    private char ReadEscaped()
    {
        if (TryTake('u')) return ReadCodeUnit();

        char c = Current switch
        {
            '"' => '"',
            '\\' => '\\',
            '/' => '/',
            'b' => '\b',
            'f' => '\f',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            _ => throw Error("this escape does not exist"),
        };
        _position++;
        return c;
    }

    private char ReadCodeUnit()
    {
        const int Digits = 4;
        int code = 0;
        for (int i = 0; i < Digits; i++, _position++)
        {
            int digit = Current switch
            {
                >= '0' and <= '9' => Current - '0',
                >= 'a' and <= 'f' => Current - 'a' + 10,
                >= 'A' and <= 'F' => Current - 'A' + 10,
                _ => throw Error("a hexadecimal digit is expected"),
            };
            code = (code << 4) | digit;
        }
        return (char)code;
    }

    private JsonValue ReadNumber()
    {
        int start = _position;
        TryTake('-');
        if (!TryTake('0')) TakeDigits();
        if (TryTake('.')) TakeDigits();
        if (TryTake('e') || TryTake('E'))
        {
            if (!TryTake('+')) TryTake('-');
            TakeDigits();
        }
        return new JsonValue(JsonKind.Number, start, _text.Substring(start, _position - start));
    }

    private void TakeDigits()
    {
        if (Current is < '0' or > '9') throw Error("a digit is expected");
        while (Current is >= '0' and <= '9') _position++;
    }

    private JsonValue ReadWord(string word, JsonKind kind)
    {
        if (string.CompareOrdinal(_text, _position, word, 0, word.Length) != 0) throw Error("a value is expected");
        JsonValue value = new(kind, _position);
        _position += word.Length;
        return value;
    }

    // NUL stands for the end of the text; where a real NUL stands it is as wrong as the end would be.
    private char Current => _position < _text.Length ? _text[_position] : '\0';

    private bool TryTake(char expected)
    {
        if (_position == _text.Length || _text[_position] != expected) return false;
        _position++;
        return true;
    }

    private void SkipWhiteSpace()
    {
        while (Current is ' ' or '\t' or '\r' or '\n') _position++;
    }

    private FactsFormatException Error(string expectation)
    {
        string found = _position < _text.Length
            ? "'" + _text[_position].ToString(CultureInfo.InvariantCulture) + "'"
            : "the end of the file";
        return new FactsFormatException(_position, $"{expectation}, found {found}");
    }
}

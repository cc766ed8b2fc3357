// Numbers: plain, octal, memory sizes with units, and memory sizes that may also be a percentage.

using System.Globalization;

namespace Valkey.Abstractions;

/// <summary>How a number is written.</summary>
public enum NumberKind
{
    /// <summary>Decimal digits.</summary>
    Plain,

    /// <summary>Octal digits (permissions).</summary>
    Octal,

    /// <summary>Bytes: <c>100</c>, <c>1k</c> (1000), <c>1kb</c> (1024), m, mb, g, gb.</summary>
    Memory,

    /// <summary>As memory, or <c>5%</c>, which is stored as -5.</summary>
    MemoryOrPercent,
}

/// <summary>A number with a range.</summary>
public sealed class IntegerOption(
    string name, long defaultValue, long min = 0, long max = long.MaxValue, NumberKind kind = NumberKind.Plain)
    : ConfigOption(name)
{
    private readonly long _default = defaultValue;

    /// <summary>The value. A percentage is negative.</summary>
    public long Value { get; set; } = defaultValue;

    /// <inheritdoc/>
    public override string Text => Print(Value);

    /// <inheritdoc/>
    public override string DefaultText => Print(_default);

    /// <inheritdoc/>
    public override IReadOnlyList<string> RewriteArguments() => kind is NumberKind.Memory or NumberKind.MemoryOrPercent && Value > 0
        ? [PrintMemory(Value)]
        : [Text];

    /// <summary>Reads a memory size; false when it is none.</summary>
    public static bool TryParseMemory(string text, out long bytes)
    {
        bytes = 0;
        int digits = 0;
        while (digits < text.Length && char.IsAsciiDigit(text[digits])) digits++;
        long unit = text[digits..].ToLowerInvariant() switch
        {
            "" or "b" => 1,
            "k" => 1000,
            "kb" => 1024,
            "m" => 1000 * 1000,
            "mb" => 1024 * 1024,
            "g" => 1000L * 1000 * 1000,
            "gb" => 1024L * 1024 * 1024,
            _ => 0,
        };
        if (unit == 0) return false;
        if (digits == 0) return true; // no digits are zero, as everywhere in Valkey
        if (!long.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out long number)) return false;
        Int128 product = (Int128)number * unit;
        if (product > long.MaxValue) return false;
        bytes = (long)product;
        return true;
    }

    /// <summary>Reads a decimal integer in its one canonical form: no plus sign, no leading zeros, no blanks.</summary>
    public static bool TryParseCanonical(ReadOnlySpan<char> text, out long value)
    {
        value = 0;
        ReadOnlySpan<char> digits = text.StartsWith('-') ? text[1..] : text;
        if (digits.IsEmpty || (digits[0] == '0' && text.Length > 1)) return false;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) && text[0] != '+';
    }

    /// <summary>A size in the largest unit that divides it.</summary>
    public static string PrintMemory(long bytes)
    {
        const long Kb = 1024, Mb = Kb * 1024, Gb = Mb * 1024;
        (long unit, string suffix) = bytes switch
        {
            0 => (1L, ""),
            _ when bytes % Gb == 0 => (Gb, "gb"),
            _ when bytes % Mb == 0 => (Mb, "mb"),
            _ when bytes % Kb == 0 => (Kb, "kb"),
            _ => (1L, ""),
        };
        return (bytes / unit).ToString(CultureInfo.InvariantCulture) + suffix;
    }

    /// <inheritdoc/>
    protected override string? Store(IReadOnlyList<string> arguments)
    {
        string text = arguments[0];
        string? error = Parse(text, out long value);
        if (error is not null) return error;
        bool isPercent = kind == NumberKind.MemoryOrPercent && text.EndsWith('%');
        if (value > max || (!isPercent && value < min) || (isPercent && value < Math.Max(min, -100)))
            return isPercent
                ? $"percentage argument must be less or equal to {-Math.Max(min, -100)}"
                : kind == NumberKind.Octal
                    ? $"argument must be between {Print(min)} and {Print(max)} inclusive"
                    : $"argument must be between {min} and {max} inclusive";
        Value = value;
        return null;
    }

    private string? Parse(string text, out long value)
    {
        switch (kind)
        {
            case NumberKind.Memory:
                return TryParseMemory(text, out value) ? null : "argument must be a memory value";
            case NumberKind.MemoryOrPercent:
                if (text.EndsWith('%') && TryParseCanonical(text.AsSpan(0, text.Length - 1), out long percent) && percent >= 0)
                {
                    value = -percent;
                    return null;
                }

                return TryParseMemory(text, out value) ? null : "argument must be a memory or percent value";
            case NumberKind.Octal:
                return TryParseOctal(text, out value) ? null : "argument couldn't be parsed as an octal number";
            default:
                return TryParseCanonical(text, out value) ? null : "argument couldn't be parsed into an integer";
        }
    }

    private static bool TryParseOctal(string text, out long value)
    {
        value = 0;
        if (text.Length is 0 or > 12) return false;
        foreach (char digit in text)
        {
            if (digit is < '0' or > '7') return false;
            value = (value * 8) + (digit - '0');
        }

        return true;
    }

    private string Print(long value) => kind switch
    {
        NumberKind.Octal => Convert.ToString(value, 8),
        NumberKind.MemoryOrPercent when value < 0 => (-value).ToString(CultureInfo.InvariantCulture) + "%",
        _ => value.ToString(CultureInfo.InvariantCulture),
    };
}

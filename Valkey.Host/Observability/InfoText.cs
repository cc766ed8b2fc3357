// The text of INFO: sections of name:value lines. A section may be written by several: a field that is written again by
// another part replaces the first one where it stands, so that a plugin can tell what the host only knows the default of.

using System.Globalization;
using System.Text;
using Valkey.Abstractions;

namespace Valkey.Host.Observability;

internal sealed class InfoText : InfoWriter
{
    private readonly StringBuilder _text = new();
    private readonly List<(string Name, string Value)> _fields = [];
    private int _ownFieldsFrom;

    /// <summary>Bytes for people: 949.07K.</summary>
    public static string Human(long bytes)
    {
        ReadOnlySpan<char> units = "BKMGTP";
        double value = bytes;
        int unit = 0;
        for (; value >= 1024 && unit < units.Length - 1; unit++) value /= 1024;
        return unit == 0 ? $"{bytes}B" : string.Create(CultureInfo.InvariantCulture, $"{value:F2}{units[unit]}");
    }

    /// <summary>A name as a field can hold it: nothing that ends a line or a section.</summary>
    public static string Safe(string name) => name.Replace('#', '_').Replace(':', '_').Replace('\n', '_').Replace('\r', '_');

    /// <summary>What was written so far.</summary>
    public override string ToString() => _text.ToString();

    /// <summary>Adds a section.</summary>
    public void Section(string title, params ReadOnlySpan<Action<InfoWriter>> writers)
    {
        _fields.Clear();
        foreach (Action<InfoWriter> write in writers)
        {
            _ownFieldsFrom = _fields.Count;
            write(this);
        }

        if (_text.Length > 0) _text.Append("\r\n");
        _text.Append("# ").Append(title).Append("\r\n");
        foreach ((string name, string value) in _fields) _text.Append(name).Append(':').Append(value).Append("\r\n");
    }

    /// <inheritdoc/>
    public override void Field(string name, string value)
    {
        // One part may well use a name several times (module:...); what others wrote is replaced.
        for (int i = 0; i < _ownFieldsFrom; i++)
        {
            if (_fields[i].Name != name) continue;
            _fields[i] = (name, value);
            return;
        }

        _fields.Add((name, value));
    }

    /// <inheritdoc/>
    public override void Field(string name, long value) => Field(name, value.ToString(CultureInfo.InvariantCulture));

    /// <inheritdoc/>
    public override void Field(string name, double value, int decimals) =>
        Field(name, value.ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));
}

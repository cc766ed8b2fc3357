// The option save: after how many seconds with how many changes the dataset is saved by itself.

using System.Globalization;
using Valkey.Abstractions;

namespace Valkey.Host.Snapshots;

/// <summary>So many changes within so many seconds ask for a save.</summary>
internal readonly record struct SavePoint(long Seconds, long Changes);

internal sealed class SavePoints
{
    private const string DefaultText = "3600 1 300 100 60 10000";
    private const string Invalid = "Invalid save parameters";

    private List<SavePoint> _points = [new(3600, 1), new(300, 100), new(60, 10000)];
    private bool _isReadingFile = true;

    public SavePoints() => Option = new CustomOption("save", () => Text(" "), DefaultText, Store)
    {
        Flags = OptionFlags.MultiArgument,
        Rewrite = RewriteLines,
    };

    public CustomOption Option { get; }

    /// <summary>In the order in which they were given; empty when nothing is saved by itself.</summary>
    public IReadOnlyList<SavePoint> Points => _points;

    /// <summary>The file or the command line named some.</summary>
    public bool WereGiven { get; private set; }

    /// <summary>From now on the whole list is given at once.</summary>
    public void FileWasRead() => _isReadingFile = false;

    private string Text(string separator)
    {
        string[] texts = new string[_points.Count];
        for (int i = 0; i < texts.Length; i++)
            texts[i] = string.Create(CultureInfo.InvariantCulture, $"{_points[i].Seconds} {_points[i].Changes}");
        return string.Join(separator, texts);
    }

    /// <summary>
    /// The first given points replace the default; further lines of the file add up until an empty one; CONFIG SET gives the
    /// whole list.
    /// </summary>
    private string? Store(IReadOnlyList<string> arguments)
    {
        bool isEmpty = arguments.Count == 0 || (arguments.Count == 1 && arguments[0].Length == 0);
        if (!isEmpty && arguments.Count % 2 != 0) return Invalid;

        List<SavePoint> points = _isReadingFile && WereGiven && !isEmpty ? [.. _points] : [];
        for (int i = 0; i < arguments.Count && !isEmpty; i += 2)
        {
            if (!IntegerOption.TryParseCanonical(arguments[i], out long seconds) || seconds < 1) return Invalid;
            if (!IntegerOption.TryParseCanonical(arguments[i + 1], out long changes) || changes < 0) return Invalid;
            points.Add(new SavePoint(seconds, changes));
        }

        _points = points;
        WereGiven = true;
        return null;
    }

    private List<IReadOnlyList<string>> RewriteLines()
    {
        if (Text(" ") == DefaultText) return [];
        if (_points.Count == 0) return [[""]];
        List<IReadOnlyList<string>> lines = [];
        foreach (SavePoint point in _points)
            lines.Add([point.Seconds.ToString(CultureInfo.InvariantCulture), point.Changes.ToString(CultureInfo.InvariantCulture)]);
        return lines;
    }
}

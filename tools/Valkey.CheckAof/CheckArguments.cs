using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Valkey.CheckAof;

/// <summary>The check ends here, with a last word about why.</summary>
internal sealed class CheckFailedException(string message) : Exception(message);

/// <summary>What the command line asks for.</summary>
internal sealed class CheckArguments
{
    private const int PathBytesMax = 4096;

    /// <summary>The manifest, or a file of commands.</summary>
    public required string Path { get; init; }

    /// <summary>A damaged end is cut off.</summary>
    public bool Fixes { get; init; }

    /// <summary>What is annotated as later than this, unix seconds, is cut off; 0: nothing is.</summary>
    public long TruncateToTimestamp { get; init; }

    /// <exception cref="CheckFailedException">The time is no number.</exception>
    public static bool TryParse(string[] arguments, [NotNullWhen(true)] out CheckArguments? parsed)
    {
        parsed = arguments switch
        {
            [var path] => new CheckArguments { Path = path },
            ["--fix", var path] => new CheckArguments { Path = path, Fixes = true },
            ["--truncate-to-timestamp", var time, var path] => new CheckArguments { Path = path, TruncateToTimestamp = ParseTime(time) },
            _ => null,
        };
        return parsed is not null && Encoding.UTF8.GetByteCount(parsed.Path) <= PathBytesMax;
    }

    private static long ParseTime(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long seconds)
            ? seconds
            : throw new CheckFailedException("Invalid timestamp, aborting...");
}

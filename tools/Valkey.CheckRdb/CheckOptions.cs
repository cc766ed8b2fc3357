using System.Reflection;

namespace Valkey.CheckRdb;

/// <summary>How statistics are laid out.</summary>
internal enum StatisticsFormat
{
    /// <summary>One line per figure.</summary>
    Info,

    /// <summary>Columns.</summary>
    Table,

    /// <summary>Columns with commas.</summary>
    Csv,
}

/// <summary>What the command line asks for.</summary>
internal sealed class CheckOptions
{
    private static readonly string?[] s_formats = ["info", "table", "csv"];

    public string Path { get; init; } = "";

    public bool ShowsStatistics { get; private set; }

    public StatisticsFormat Format { get; private set; } = StatisticsFormat.Table;

    /// <summary>Where statistics go; null for the standard output.</summary>
    public string? OutputPath { get; private set; }

    public static bool TryParse(string[] arguments, out CheckOptions options)
    {
        options = new CheckOptions { Path = arguments.Length > 0 ? arguments[0] : "" };
        if (arguments.Length == 0) return false;
        for (int i = 1; i < arguments.Length; i++)
        {
            string? value = i + 1 < arguments.Length ? arguments[i + 1] : null;
            switch (arguments[i])
            {
                case "--stats":
                    options.ShowsStatistics = true;
                    continue;
                case "--output" when value is not null:
                    options.OutputPath = value;
                    break;
                case "--format" when Array.IndexOf(s_formats, value) is >= 0 and int format:
                    options.Format = (StatisticsFormat)format;
                    break;
                default:
                    return false;
            }

            i++;
        }

        return true;
    }
}

/// <summary>The version of this build.</summary>
internal static class ToolVersion
{
    public static string Text { get; } = typeof(ToolVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
}

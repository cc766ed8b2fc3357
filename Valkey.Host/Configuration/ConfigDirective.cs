// One line of configuration, wherever it came from, until an option claims it.

namespace Valkey.Host.Configuration;

/// <summary>A directive with its place, for error messages.</summary>
internal sealed record ConfigDirective(string Name, IReadOnlyList<string> Arguments, int LineNumber, string LineText)
{
    /// <summary>Somebody knows this directive: an option applied it, or it is one that the parser handles itself.</summary>
    public bool IsClaimed { get; set; }
}

/// <summary>A configuration that the server cannot start with.</summary>
internal sealed class FatalConfigException(string reason, ConfigDirective? directive = null) : InvalidOperationException(
    directive is null ? reason : $"{reason} (line {directive.LineNumber}: '{directive.LineText}')")
{
    /// <summary>What is wrong.</summary>
    public string Reason { get; } = reason;

    /// <summary>The line, or null when no single line is to blame.</summary>
    public ConfigDirective? Directive { get; } = directive;

    /// <summary>The report on standard error; the caller exits with 1.</summary>
    public string Report() =>
        $"\n*** FATAL CONFIG FILE ERROR (Version {ServerVersion.Valkey}) ***\n"
        + (Directive is null
            ? ""
            : $"Reading the configuration file, at line {Directive.LineNumber}\n>>> '{Directive.LineText}'\n")
        + Reason + "\n";
}

// The command line: valkey-server [file|-] [--name value ...] [-]. Options become lines of configuration behind the file's:
// `--port 6380` is the line `port "6380"`. A word that begins with -- starts a new option once the one before it has a value,
// so that values may begin with -- too; `--save` alone stands for `save ""`.

using System.Text;
using Valkey.Host.Text;

namespace Valkey.Host.Configuration;

/// <summary>What the command line asks for.</summary>
internal enum CommandLineAction
{
    Run,
    ShowVersion,
    ShowHelp,
    Refuse,
}

/// <summary>The parsed command line.</summary>
internal sealed class CommandLine
{
    /// <summary>What to do.</summary>
    public CommandLineAction Action { get; private init; }

    /// <summary>Why the command line is refused.</summary>
    public string RefusalReason { get; private init; } = "";

    /// <summary>The configuration file's absolute path, or null.</summary>
    public string? ConfigFile { get; private init; }

    /// <summary>Configuration comes from standard input too.</summary>
    public bool ReadsStandardInput { get; private init; }

    /// <summary>The options as lines of configuration.</summary>
    public string OptionLines { get; private init; } = "";

    /// <summary>No argument was given at all.</summary>
    public bool IsEmpty { get; private init; }

    /// <summary>What <c>--help</c> prints, on standard error, before leaving with 1.</summary>
    public const string HelpText =
        """
        Usage: valkey-server [/path/to/valkey.conf] [options] [-]
               valkey-server -                    read the configuration from standard input
               valkey-server -v or --version
               valkey-server -h or --help

        Every option of valkey.conf is an option of the command line with the same name. Examples:
               valkey-server
               valkey-server /etc/valkey/6379.conf
               valkey-server --port 7777 --loglevel verbose
               echo 'maxmemory 128mb' | valkey-server -
               valkey-server /etc/valkey/6379.conf --requirepass secret -

        """;

    /// <summary>What <c>--version</c> prints.</summary>
    public static string VersionText(string allocator) =>
        $"Valkey server v={ServerVersion.Valkey} sha={ServerVersion.Commit}:0 malloc={allocator} bits=64 build=0";

    /// <summary>Reads the arguments behind the program's name.</summary>
    public static CommandLine Parse(IReadOnlyList<string> arguments)
    {
        if (arguments.Count == 0) return new CommandLine { IsEmpty = true };
        switch (arguments[0])
        {
            case "-v" or "--version": return new CommandLine { Action = CommandLineAction.ShowVersion };
            case "-h" or "--help": return new CommandLine { Action = CommandLineAction.ShowHelp };
            case "--test-memory": return Refuse("--test-memory is not part of this server: use memtest86 or memtester instead.");
            case "--check-system": return Refuse("--check-system is not part of this server: it warns about the system when it starts.");
        }

        foreach (string argument in arguments)
        {
            if (argument == "--sentinel") return Refuse("Sentinel mode is not part of this server: run a Sentinel of Valkey beside it.");
        }

        bool hasFile = !arguments[0].StartsWith('-');
        string optionLines = ToLines(arguments, hasFile ? 1 : 0, out bool readsStandardInput);
        return new CommandLine
        {
            ConfigFile = hasFile ? Path.GetFullPath(arguments[0]) : null,
            ReadsStandardInput = readsStandardInput,
            OptionLines = optionLines,
        };
    }

    private static CommandLine Refuse(string reason) => new() { Action = CommandLineAction.Refuse, RefusalReason = reason };

    private static string ToLines(IReadOnlyList<string> arguments, int first, out bool readsStandardInput)
    {
        StringBuilder lines = new();
        bool hasValue = true;
        readsStandardInput = false;
        for (int i = first; i < arguments.Count; i++)
        {
            string argument = arguments[i];
            bool isLast = i == arguments.Count - 1;
            if (argument == "-" && (i == 0 || isLast))
            {
                readsStandardInput = true;
                continue;
            }

            if (!hasValue || !argument.StartsWith("--", StringComparison.Ordinal))
            {
                lines.Append(ArgumentLine.Quote(argument)).Append(' ');
                hasValue = true;
                continue;
            }

            if (lines.Length > 0) lines.Append('\n');
            lines.Append(argument.AsSpan(2)).Append(' ');
            hasValue = ArgumentLine.Split(argument)?.Count != 1; // "--port 6380" may be one word of the shell

            // Scripts that build their command line from an empty list write --save with nothing behind it.
            if (argument.Equals("--save", StringComparison.OrdinalIgnoreCase)
                && (isLast || arguments[i + 1].StartsWith("--", StringComparison.Ordinal)))
            {
                lines.Append("\"\"");
                hasValue = true;
            }
        }

        return lines.ToString();
    }
}

namespace Valkey.Abstractions;

/// <summary>Runs a command: command thread, arity already checked, exactly one reply to be written.</summary>
public delegate void CommandHandler(CommandContext context);

/// <summary>Finds the keys of a command whose specifications are not enough. Returns false when the arguments are malformed.</summary>
public delegate bool KeyFinder(CommandArguments arguments, KeyCollector keys);

/// <summary>A command: what COMMAND INFO and DOCS tell about it, and what runs it.</summary>
public sealed class CommandDefinition
{
    /// <summary>Lower case; <c>client|list</c> for a subcommand.</summary>
    public required string Name { get; init; }

    /// <summary>Arguments with the name (and subcommand); negative: at least.</summary>
    public required int Arity { get; init; }

    /// <summary>Flags.</summary>
    public required CommandFlags Flags { get; init; }

    /// <summary>ACL categories.</summary>
    public required AclCategories Categories { get; init; }

    /// <summary>Group, as COMMAND DOCS prints it.</summary>
    public required string Group { get; init; }

    /// <summary>The version that brought it.</summary>
    public required string Since { get; init; }

    /// <summary>What runs it; null for a container that only holds subcommands.</summary>
    public required CommandHandler? Handler { get; init; }

    /// <summary>Finds keys where <see cref="KeySpecs"/> cannot.</summary>
    public KeyFinder? KeyFinder { get; init; }

    /// <summary>Hints for clients and proxies.</summary>
    public string[] Tips { get; init; } = [];

    /// <summary>Where the keys are.</summary>
    public KeySpec[] KeySpecs { get; init; } = [];

    /// <summary>Its standing.</summary>
    public CommandDocFlags DocFlags { get; init; }

    /// <summary>JSON with summary, complexity, history, arguments, deprecated_since, replaced_by. Parsed only by COMMAND DOCS.</summary>
    public string Documentation { get; init; } = "{}";
}

/// <summary>The server's commands.</summary>
public interface ICommandRegistry
{
    /// <summary>Adds a command. A subcommand's container must be there already.</summary>
    /// <exception cref="InvalidOperationException">The name is taken; the message names both owners.</exception>
    void Add(CommandDefinition definition);
}

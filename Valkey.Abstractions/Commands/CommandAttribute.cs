namespace Valkey.Abstractions;

/// <summary>
/// Marks a static method <c>void Handler(CommandContext ctx)</c> as a command. The source generator joins it with the
/// project's <c>commands.json</c>, or, when <see cref="Arity"/> is given, with the properties below alone.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CommandAttribute(string name) : Attribute
{
    /// <summary>Lower-case name; <c>container|subcommand</c> for a subcommand.</summary>
    public string Name { get; } = name;

    /// <summary>Number of arguments, the name included; negative for at least so many. 0: taken from commands.json.</summary>
    public int Arity { get; init; }

    /// <summary>Flags, when arity is given.</summary>
    public CommandFlags Flags { get; init; }

    /// <summary>ACL categories, when arity is given; fast or slow is added from the flags.</summary>
    public AclCategories Categories { get; init; }

    /// <summary>Position of the first key, 0 for none.</summary>
    public int FirstKey { get; init; }

    /// <summary>Position of the last key; negative counts from the end.</summary>
    public int LastKey { get; init; }

    /// <summary>Distance between keys.</summary>
    public int KeyStep { get; init; } = 1;

    /// <summary>One sentence for COMMAND DOCS.</summary>
    public string Summary { get; init; } = "";

    /// <summary>The version that brought the command.</summary>
    public string Since { get; init; } = "1.0.0";

    /// <summary>The group of COMMAND DOCS.</summary>
    public string Group { get; init; } = "module";

    /// <summary>Name of a static method of the same class that finds the keys when specifications cannot (<see cref="Valkey.Abstractions.KeyFinder"/>).</summary>
    public string? KeyFinder { get; init; }
}

/// <summary>Marks the class that holds a container's subcommands when the container itself has no handler.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class CommandContainerAttribute(string name) : Attribute
{
    /// <summary>Lower-case name of the container.</summary>
    public string Name { get; } = name;
}

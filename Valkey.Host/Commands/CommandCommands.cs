// COMMAND: the server tells about its commands. Source: https://valkey.io/commands/command/
// None of this is hot: clients ask once when they connect.

using System.Text;
using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Host.Commands;

internal static partial class CommandCommands
{
    private static readonly CommandKeys s_keys = new();

    /// <summary>COMMAND: facts about every command.</summary>
    [Command("command")]
    public static void All(CommandContext ctx)
    {
        Server server = HostContext.Of(ctx).Server;
        ctx.Reply.ArrayHeader(server.Commands.Count);
        foreach (Command command in server.Commands.All) CommandFacts.Write(ctx.Reply, server, command);
    }

    /// <summary>COMMAND COUNT.</summary>
    [Command("command|count")]
    public static void Count(CommandContext ctx) => ctx.Reply.Integer(HostContext.Of(ctx).Server.Commands.Count);

    /// <summary>COMMAND INFO [name ...]: facts, null for a name that nobody knows.</summary>
    [Command("command|info")]
    public static void Info(CommandContext ctx)
    {
        if (ctx.ArgumentCount == 2)
        {
            All(ctx);
            return;
        }

        Server server = HostContext.Of(ctx).Server;
        ctx.Reply.ArrayHeader(ctx.ArgumentCount - 2);
        for (int i = 2; i < ctx.ArgumentCount; i++)
        {
            if (server.Commands.FindNamed(ctx.Argument(i)) is { } command) CommandFacts.Write(ctx.Reply, server, command);
            else ctx.Reply.Null();
        }
    }

    /// <summary>COMMAND DOCS [name ...]: what the commands are for; unknown names are left out.</summary>
    [Command("command|docs")]
    public static void Docs(CommandContext ctx)
    {
        Server server = HostContext.Of(ctx).Server;
        List<Command> commands = [];
        if (ctx.ArgumentCount == 2) commands.AddRange(server.Commands.All);
        for (int i = 2; i < ctx.ArgumentCount; i++)
        {
            if (server.Commands.FindNamed(ctx.Argument(i)) is { } command) commands.Add(command);
        }

        ctx.Reply.MapHeader(commands.Count);
        foreach (Command command in commands) CommandDocumentation.Write(ctx.Reply, server, command);
    }

    /// <summary>COMMAND LIST [FILTERBY MODULE name|ACLCAT category|PATTERN pattern].</summary>
    [Command("command|list")]
    public static void List(CommandContext ctx)
    {
        Server server = HostContext.Of(ctx).Server;
        if (ctx.ArgumentCount != 2 && ctx.ArgumentCount != 5)
        {
            ctx.Reply.SyntaxError();
            return;
        }

        Func<Command, bool>? filter = ctx.ArgumentCount == 2 ? static _ => true : Filter(ctx, server);
        if (filter is null)
        {
            ctx.Reply.SyntaxError();
            return;
        }

        List<string> names = [];
        foreach (Command command in server.Commands.All) AddNames(names, command, filter);
        ctx.Reply.ArrayHeader(names.Count);
        foreach (string name in names) ctx.Reply.Bulk(name);
    }

    /// <summary>COMMAND GETKEYS command [argument ...].</summary>
    [Command("command|getkeys")]
    public static void GetKeys(CommandContext ctx)
    {
        if (!TryFindKeys(ctx)) return;
        ctx.Reply.ArrayHeader(s_keys.Count);
        foreach (KeyPosition key in s_keys.All) ctx.Reply.Bulk(ctx.Argument(key.Index + 2));
    }

    /// <summary>COMMAND GETKEYSANDFLAGS command [argument ...].</summary>
    [Command("command|getkeysandflags")]
    public static void GetKeysAndFlags(CommandContext ctx)
    {
        if (!TryFindKeys(ctx)) return;
        ctx.Reply.ArrayHeader(s_keys.Count);
        foreach (KeyPosition key in s_keys.All)
        {
            ctx.Reply.ArrayHeader(2);
            ctx.Reply.Bulk(ctx.Argument(key.Index + 2));
            FlagNames.Write(ctx.Reply, (ulong)key.Flags, FlagNames.Keys);
        }
    }

    /// <summary>COMMAND HELP.</summary>
    [Command("command|help")]
    public static void Help(CommandContext ctx) => HelpText.Write(
        ctx,
        "(no subcommand)",
        "    Facts about every command.",
        "COUNT",
        "    How many commands there are.",
        "DOCS [<command-name> ...]",
        "    What commands are for and which arguments they take; all commands without a name.",
        "GETKEYS <full-command>",
        "    Which arguments of the given command line are keys.",
        "GETKEYSANDFLAGS <full-command>",
        "    The same, and what would be done with each key.",
        "INFO [<command-name> ...]",
        "    Facts about commands: arity, flags, keys, categories; all commands without a name.",
        "LIST [FILTERBY MODULE <module-name>|ACLCAT <category>|PATTERN <pattern>]",
        "    Names of commands and subcommands.");

    private static bool TryFindKeys(CommandContext ctx)
    {
        HostContext context = HostContext.Of(ctx);
        CommandArguments arguments = context.ArgumentsFrom(2);
        Command? command = context.Server.Commands.FindFor(arguments);
        string? error = command is null ? "ERR Invalid command specified"
            : !CommandKeys.HasKeys(command.Definition) ? "ERR The command has no key arguments"
            : !command.AcceptsArgumentCount(arguments.Count) ? "ERR Invalid number of arguments specified for command"
            : !s_keys.Find(command.Definition, arguments) && !command.Has(CommandFlags.NoMandatoryKeys)
                ? "ERR Invalid arguments specified for command"
                : null;
        if (error is null) return true;
        ctx.Reply.Error(error);
        return false;
    }

    private static Func<Command, bool>? Filter(CommandContext ctx, Server server)
    {
        if (!ctx.ArgumentIs(2, "filterby"u8)) return null;
        byte[] value = ctx.Argument(4).ToArray();
        if (ctx.ArgumentIs(3, "module"u8))
        {
            string module = Encoding.UTF8.GetString(value);
            return command => server.Plugins.Find(command.Owner) is { Source.IsModule: true } && command.Owner == module;
        }

        if (ctx.ArgumentIs(3, "aclcat"u8))
        {
            ulong category = FlagNames.Find(FlagNames.Categories, value);
            return command => ((ulong)command.Definition.Categories & category) != 0;
        }

        if (!ctx.ArgumentIs(3, "pattern"u8)) return null;
        return command => GlobPattern.Matches(value, Encoding.UTF8.GetBytes(command.Name), ignoreCase: true);
    }

    private static void AddNames(List<string> names, Command command, Func<Command, bool> filter)
    {
        if (filter(command)) names.Add(command.Name);
        if (command.Subcommands is null) return;
        foreach (Command subcommand in command.Subcommands.All) AddNames(names, subcommand, filter);
    }
}

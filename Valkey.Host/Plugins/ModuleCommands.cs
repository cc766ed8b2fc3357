// MODULE: load, unload and list modules (https://valkey.io/commands/module-load/). Loading and unloading is off unless
// enable-module-command allows it; that check belongs to all Protected commands and is made before these handlers run.

using System.Text;
using Valkey.Abstractions;

namespace Valkey.Host.Plugins;

/// <summary>The subcommands of MODULE.</summary>
[CommandContainer("module")]
internal static partial class ModuleCommands
{
    private const string LoadFailed = "ERR Error loading the extension. Please check the server logs.";

    /// <summary>MODULE LOAD path [arg ...].</summary>
    [Command("module|load")]
    public static void Load(CommandContext ctx)
    {
        bool isLoaded = ModuleService.Of(ctx).TryLoad(Text(ctx, 2), TextFrom(ctx, 3));
        ReplyLoaded(ctx, isLoaded);
    }

    /// <summary>MODULE LOADEX path [CONFIG name value ...] [ARGS arg ...].</summary>
    [Command("module|loadex")]
    public static void LoadEx(CommandContext ctx)
    {
        ModuleOptionValues options = new();
        string? mistake = ParseLoadEx(ctx, options, out int firstArgument);
        bool isLoaded = mistake is null
            ? ModuleService.Of(ctx).TryLoad(Text(ctx, 2), TextFrom(ctx, firstArgument), options)
            : ModuleService.Of(ctx).Refuse(mistake);
        ReplyLoaded(ctx, isLoaded);
    }

    /// <summary>MODULE UNLOAD name.</summary>
    [Command("module|unload")]
    public static void Unload(CommandContext ctx)
    {
        string? refusal = ModuleService.Of(ctx).TryUnload(Text(ctx, 2), out _);
        if (refusal is null) ctx.Reply.Ok();
        else ctx.Reply.Error("ERR Error unloading module: " + refusal);
    }

    /// <summary>MODULE LIST: a map per module.</summary>
    [Command("module|list")]
    public static void List(CommandContext ctx) => ReplyModules(ModuleService.Of(ctx).Loaded, ctx.Reply);

    /// <summary>The list of modules, as MODULE LIST and HELLO give it.</summary>
    public static void ReplyModules(IEnumerable<LoadedPlugin> loaded, ReplyWriter reply)
    {
        LoadedPlugin[] modules = [.. loaded];
        reply.ArrayHeader(modules.Length);
        foreach (LoadedPlugin module in modules)
        {
            reply.MapHeader(4);
            reply.Bulk("name"u8);
            reply.Bulk(module.Name);
            reply.Bulk("ver"u8);
            reply.Integer(module.VersionNumber);
            reply.Bulk("path"u8);
            reply.Bulk(module.Source.Path);
            reply.Bulk("args"u8);
            reply.ArrayHeader(module.Source.Arguments.Count);
            foreach (string argument in module.Source.Arguments) reply.Bulk(argument);
        }
    }

    /// <summary>MODULE HELP.</summary>
    [Command("module|help")]
    public static void Help(CommandContext ctx)
    {
        ReadOnlySpan<string> lines =
        [
            "MODULE <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
            "LIST",
            "    Show the loaded modules with their version, path and arguments.",
            "LOAD <path> [<arg> ...]",
            "    Load the module in a DLL, or in a folder with a DLL of the folder's name.",
            "LOADEX <path> [CONFIG <name> <value> ...] [ARGS <arg> ...]",
            "    As LOAD, with values for the module's options. Names are written in full: <module>.<option>.",
            "UNLOAD <name>",
            "    Take a module out. Refused while keys of its types exist.",
            "HELP",
            "    Print this help.",
        ];
        ctx.Reply.ArrayHeader(lines.Length);
        foreach (string line in lines) ctx.Reply.SimpleString(Encoding.UTF8.GetBytes(line));
    }

    private static void ReplyLoaded(CommandContext ctx, bool isLoaded)
    {
        if (isLoaded) ctx.Reply.Ok();
        else ctx.Reply.Error(LoadFailed);
    }

    // CONFIG may be repeated; ARGS takes all that is left. Anything else where one of them must stand is a mistake.
    private static string? ParseLoadEx(CommandContext ctx, ModuleOptionValues options, out int firstArgument)
    {
        firstArgument = ctx.ArgumentCount;
        for (int i = 3; i < ctx.ArgumentCount; i += 3)
        {
            if (ctx.ArgumentIs(i, "args"u8))
            {
                firstArgument = i + 1;
                return null;
            }

            if (!ctx.ArgumentIs(i, "config"u8)) return $"MODULE LOADEX expects CONFIG or ARGS, not '{Text(ctx, i)}'";
            if (i + 2 >= ctx.ArgumentCount) return "MODULE LOADEX: CONFIG takes a name and a value";
            options.Add(Text(ctx, i + 1), Text(ctx, i + 2));
        }

        return null;
    }

    private static string Text(CommandContext ctx, int index) => Encoding.UTF8.GetString(ctx.Argument(index));

    private static string[] TextFrom(CommandContext ctx, int first)
    {
        string[] texts = new string[ctx.ArgumentCount - first];
        for (int i = 0; i < texts.Length; i++) texts[i] = Text(ctx, first + i);
        return texts;
    }
}

// One command as COMMAND DOCS prints it (https://valkey.io/commands/command-docs/). The texts lie beside the definition as
// JSON and are read only when somebody asks.

using System.Text.Json;
using Valkey.Abstractions;

namespace Valkey.Host.Commands;

internal static class CommandDocumentation
{
    private static readonly string[] s_argumentFlags = ["optional", "multiple", "multiple_token"];

    /// <summary>Writes the name and the map behind it.</summary>
    public static void Write(ReplyWriter reply, Server server, Command command)
    {
        reply.Bulk(command.Name);
        using JsonDocument texts = JsonDocument.Parse(command.Definition.Documentation);
        JsonElement root = texts.RootElement;
        bool isModule = server.Plugins.Find(command.Owner) is { Source.IsModule: true };
        DeferredLength map = reply.BeginDeferred();
        long count = 2;
        count += WriteText(reply, root, "summary");
        reply.Bulk("since"u8);
        reply.Bulk(command.Definition.Since);
        reply.Bulk("group"u8);
        reply.Bulk(isModule ? "module" : command.Definition.Group.Replace('_', '-'));
        count += WriteText(reply, root, "complexity");
        if (isModule)
        {
            reply.Bulk("module"u8);
            reply.Bulk(command.Owner);
            count++;
        }

        if (command.Definition.DocFlags != CommandDocFlags.None)
        {
            reply.Bulk("doc_flags"u8);
            FlagNames.Write(reply, (ulong)command.Definition.DocFlags, FlagNames.Documentation);
            count++;
        }

        count += WriteText(reply, root, "deprecated_since") + WriteText(reply, root, "replaced_by");
        count += WriteHistory(reply, root);
        count += WriteArguments(reply, root);
        count += WriteSubcommands(reply, server, command);
        reply.EndMap(map, count);
    }

    private static int WriteText(ReplyWriter reply, JsonElement owner, string name)
    {
        if (!owner.TryGetProperty(name, out JsonElement text)) return 0;
        reply.Bulk(name);
        reply.Bulk(text.GetString()!);
        return 1;
    }

    private static int WriteHistory(ReplyWriter reply, JsonElement root)
    {
        if (!root.TryGetProperty("history", out JsonElement history)) return 0;
        reply.Bulk("history"u8);
        reply.SetHeader(history.GetArrayLength());
        foreach (JsonElement entry in history.EnumerateArray())
        {
            reply.ArrayHeader(2);
            reply.Bulk(entry[0].GetString()!);
            reply.Bulk(entry[1].GetString()!);
        }

        return 1;
    }

    private static int WriteArguments(ReplyWriter reply, JsonElement owner)
    {
        if (!owner.TryGetProperty("arguments", out JsonElement arguments)) return 0;
        reply.Bulk("arguments"u8);
        reply.ArrayHeader(arguments.GetArrayLength());
        foreach (JsonElement argument in arguments.EnumerateArray()) WriteArgument(reply, argument);
        return 1;
    }

    private static void WriteArgument(ReplyWriter reply, JsonElement argument)
    {
        DeferredLength map = reply.BeginDeferred();
        string name = argument.GetProperty("name").GetString()!;
        string type = argument.GetProperty("type").GetString()!;
        long count = WriteText(reply, argument, "name") + WriteText(reply, argument, "type");
        if (type is not "oneof" and not "block")
        {
            reply.Bulk("display_text"u8);
            reply.Bulk(argument.TryGetProperty("display", out JsonElement display) ? display.GetString()! : name);
            count++;
        }

        if (argument.TryGetProperty("key_spec_index", out JsonElement specIndex))
        {
            reply.Bulk("key_spec_index"u8);
            reply.Integer(specIndex.GetInt64());
            count++;
        }

        count += WriteText(reply, argument, "token") + WriteText(reply, argument, "summary");
        count += WriteText(reply, argument, "since") + WriteText(reply, argument, "deprecated_since");
        count += WriteArgumentFlags(reply, argument);
        count += WriteArguments(reply, argument);
        reply.EndMap(map, count);
    }

    private static int WriteArgumentFlags(ReplyWriter reply, JsonElement argument)
    {
        List<string> flags = [];
        foreach (string flag in s_argumentFlags)
        {
            if (argument.TryGetProperty(flag, out JsonElement isSet) && isSet.ValueKind == JsonValueKind.True) flags.Add(flag);
        }

        if (flags.Count == 0) return 0;
        reply.Bulk("flags"u8);
        reply.SetHeader(flags.Count);
        foreach (string flag in flags) reply.SimpleString(System.Text.Encoding.ASCII.GetBytes(flag));
        return 1;
    }

    private static int WriteSubcommands(ReplyWriter reply, Server server, Command command)
    {
        if (command.Subcommands is null) return 0;
        reply.Bulk("subcommands"u8);
        reply.MapHeader(command.Subcommands.Count);
        foreach (Command subcommand in command.Subcommands.All) Write(reply, server, subcommand);
        return 1;
    }
}

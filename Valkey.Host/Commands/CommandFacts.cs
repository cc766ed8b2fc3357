// One command as COMMAND and COMMAND INFO print it: ten fields, in a fixed order (https://valkey.io/commands/command-info/).

using Valkey.Abstractions;

namespace Valkey.Host.Commands;

internal static class CommandFacts
{
    private const int FieldCount = 10;
    private static readonly byte[] s_module = "module"u8.ToArray();

    public static void Write(ReplyWriter reply, Server server, Command command)
    {
        reply.ArrayHeader(FieldCount);
        reply.Bulk(command.Name);
        reply.Integer(command.Arity);
        WriteFlags(reply, server, command);
        reply.Integer(command.FirstKey);
        reply.Integer(command.LastKey);
        reply.Integer(command.KeyStep);
        FlagNames.Write(reply, (ulong)command.Definition.Categories, FlagNames.Categories, "@");
        reply.SetHeader(command.Definition.Tips.Length);
        foreach (string tip in command.Definition.Tips) reply.Bulk(tip);
        reply.SetHeader(command.Definition.KeySpecs.Length);
        foreach (KeySpec spec in command.Definition.KeySpecs) WriteKeySpec(reply, spec);
        WriteSubcommands(reply, server, command);
    }

    private static void WriteFlags(ReplyWriter reply, Server server, Command command)
    {
        if (server.Plugins.Find(command.Owner) is not { Source.IsModule: true })
        {
            FlagNames.Write(reply, (ulong)command.Flags, FlagNames.Commands);
            return;
        }

        // The place of "module" is behind denyoom.
        const ulong Module = 1UL << 63;
        List<(ulong Flag, byte[] Name)> names = [.. FlagNames.Commands];
        names.Insert(3, (Module, s_module));
        FlagNames.Write(reply, (ulong)command.Flags | Module, [.. names]);
    }

    private static void WriteSubcommands(ReplyWriter reply, Server server, Command command)
    {
        if (command.Subcommands is null)
        {
            reply.SetHeader(0);
            return;
        }

        reply.ArrayHeader(command.Subcommands.Count);
        foreach (Command subcommand in command.Subcommands.All) Write(reply, server, subcommand);
    }

    private static void WriteKeySpec(ReplyWriter reply, KeySpec spec)
    {
        reply.MapHeader(spec.Notes is null ? 3 : 4);
        if (spec.Notes is not null)
        {
            reply.Bulk("notes"u8);
            reply.Bulk(spec.Notes);
        }

        reply.Bulk("flags"u8);
        FlagNames.Write(reply, (ulong)spec.Flags, FlagNames.Keys);
        reply.Bulk("begin_search"u8);
        WriteBegin(reply, spec.Begin);
        reply.Bulk("find_keys"u8);
        WriteFind(reply, spec.Find);
    }

    private static void WriteBegin(ReplyWriter reply, KeySpecBegin begin)
    {
        switch (begin.Kind)
        {
            case KeySpecBeginKind.Index:
                WriteKind(reply, "index"u8, 1);
                WriteNumber(reply, "index"u8, begin.Position);
                break;
            case KeySpecBeginKind.Keyword:
                WriteKind(reply, "keyword"u8, 2);
                reply.Bulk("keyword"u8);
                reply.Bulk(begin.Keyword!);
                WriteNumber(reply, "startfrom"u8, begin.Position);
                break;
            default:
                WriteKind(reply, "unknown"u8, 0);
                break;
        }
    }

    private static void WriteFind(ReplyWriter reply, KeySpecFind find)
    {
        switch (find.Kind)
        {
            case KeySpecFindKind.Range:
                WriteKind(reply, "range"u8, 3);
                WriteNumber(reply, "lastkey"u8, find.LastKey);
                WriteNumber(reply, "keystep"u8, find.Step);
                WriteNumber(reply, "limit"u8, find.Limit);
                break;
            case KeySpecFindKind.KeyNumber:
                WriteKind(reply, "keynum"u8, 3);
                WriteNumber(reply, "keynumidx"u8, find.KeyNumberIndex);
                WriteNumber(reply, "firstkey"u8, find.FirstKey);
                WriteNumber(reply, "keystep"u8, find.Step);
                break;
            default:
                WriteKind(reply, "unknown"u8, 0);
                break;
        }
    }

    /// <summary>The type and the announcement of its fields.</summary>
    private static void WriteKind(ReplyWriter reply, ReadOnlySpan<byte> kind, int fieldCount)
    {
        reply.MapHeader(2);
        reply.Bulk("type"u8);
        reply.Bulk(kind);
        reply.Bulk("spec"u8);
        reply.MapHeader(fieldCount);
    }

    private static void WriteNumber(ReplyWriter reply, ReadOnlySpan<byte> name, int value)
    {
        reply.Bulk(name);
        reply.Integer(value);
    }
}

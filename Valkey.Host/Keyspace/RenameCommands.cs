// A key gets another name or another database. The value stays where it is; only the entry around it is made anew.
// Holds always: expiry and access clock go along.

using Valkey.Abstractions;
using Valkey.Host.Commands;
using Valkey.Structures;

namespace Valkey.Host.Keyspace;

internal static partial class RenameCommands
{
    /// <summary>RENAME key newkey.</summary>
    [Command("rename")]
    public static void Rename(CommandContext ctx)
    {
        HostContext context = HostContext.Of(ctx);
        if (!TryFindSource(context, out Entry source)) return;
        if (!ctx.Argument(1).SequenceEqual(ctx.Argument(2))) MoveTo(context, source, ctx.Argument(2));
        ctx.Reply.Ok();
    }

    /// <summary>RENAMENX key newkey: replies 1, or 0 when the new name is taken.</summary>
    [Command("renamenx")]
    public static void RenameNx(CommandContext ctx)
    {
        HostContext context = HostContext.Of(ctx);
        if (!TryFindSource(context, out Entry source)) return;
        bool isTaken = ctx.Argument(1).SequenceEqual(ctx.Argument(2)) || ctx.LookupWrite(ctx.Argument(2), LookupFlags.Replace).Exists;
        if (!isTaken) MoveTo(context, source, ctx.Argument(2));
        ctx.Reply.Integer(isTaken ? 0 : 1);
    }

    /// <summary>MOVE key db: replies 1, or 0 when the key is not here, or there already.</summary>
    [Command("move")]
    public static void Move(CommandContext ctx)
    {
        HostContext context = HostContext.Of(ctx);
        if (!DatabaseArgument.TryRead(context, 2, out Database target)) return;
        if (target == context.Database)
        {
            ctx.Reply.Error("ERR source and destination objects are the same"u8);
            return;
        }

        ReadOnlySpan<byte> key = ctx.Argument(1);
        ulong hash = context.HashOf(key);
        KeyspaceService keyspace = context.Server.Keyspace;
        if (!ctx.LookupWrite(key).Exists || !context.Server.Lookup.FindToReplace(target, key, hash).IsNull)
        {
            ctx.Reply.Integer(0);
            return;
        }

        keyspace.Add(target, context.Database.Unlink(key, hash), hash);
        ctx.SignalModified(key);
        keyspace.SignalModified(target, key);
        ctx.Notify(KeyspaceEvent.Generic, "move_from"u8, key);
        keyspace.Publish(KeyspaceEvent.Generic, "move_to"u8, key, target);
        ctx.Reply.Integer(1);
    }

    private static bool TryFindSource(HostContext context, out Entry source)
    {
        source = new Entry(context.LookupWrite(context.Argument(1)).Address);
        if (source.IsNull) context.Reply.Error("ERR no such key"u8);
        return !source.IsNull;
    }

    private static void MoveTo(HostContext context, Entry source, ReadOnlySpan<byte> newKey)
    {
        ReadOnlySpan<byte> key = context.Argument(1);
        ulong newHash = KeyHash.Of(newKey);
        if (context.LookupWrite(newKey, LookupFlags.Replace).Exists)
            context.Server.Keyspace.Delete(context.Database, newKey, newHash, context.Server.Options.LazyFreeServerDel.Value);
        context.Database.Unlink(key, KeyHash.Of(key));
        context.Server.Keyspace.Add(context.Database, source.WithKey(newKey), newHash);
        context.SignalModified(key);
        context.SignalModified(newKey, dirtyCount: 0);
        context.Notify(KeyspaceEvent.Generic, "rename_from"u8, key);
        context.Notify(KeyspaceEvent.Generic, "rename_to"u8, newKey);
    }
}

/// <summary>An argument that names a database.</summary>
internal static class DatabaseArgument
{
    /// <summary>False after replying that it is no number or that there is no such database.</summary>
    public static bool TryRead(HostContext context, int index, out Database database, string? error = null)
    {
        database = null!;
        if (!context.TryIntegerInRange(index, int.MinValue, int.MaxValue, out long number, error)) return false;
        if (number < 0 || number >= context.Server.Databases.Length)
        {
            context.Reply.Error("ERR DB index is out of range"u8);
            return false;
        }

        database = context.Server.Databases[(int)number];
        return true;
    }
}

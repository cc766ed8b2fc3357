// COPY: a second value that shares nothing with the first, under another name or in another database.

using Valkey.Abstractions;
using Valkey.Host.Commands;
using Valkey.Structures;

namespace Valkey.Host.Keyspace;

internal static partial class CopyCommand
{
    /// <summary>COPY source destination [DB index] [REPLACE]: replies 1, or 0 when there is no source or the destination is taken.</summary>
    [Command("copy")]
    public static void Copy(CommandContext ctx)
    {
        HostContext context = HostContext.Of(ctx);
        if (!TryReadOptions(context, out Database target, out bool replaces)) return;
        ReadOnlySpan<byte> newKey = ctx.Argument(2);
        if (target == context.Database && ctx.Argument(1).SequenceEqual(newKey))
        {
            ctx.Reply.Error("ERR source and destination objects are the same"u8);
            return;
        }

        KeyEntry source = ctx.LookupRead(ctx.Argument(1));
        if (!source.Exists)
        {
            ctx.Reply.Integer(0);
            return;
        }

        ulong hash = KeyHash.Of(newKey);
        bool isTaken = !context.Server.Lookup.FindToReplace(target, newKey, hash).IsNull;
        if (isTaken && !replaces)
        {
            ctx.Reply.Integer(0);
            return;
        }

        Put(context, new Entry(source.Address), target, newKey, hash, isTaken);
        ctx.Reply.Integer(1);
    }

    private static void Put(
        HostContext context, Entry source, Database target, ReadOnlySpan<byte> newKey, ulong hash, bool isTaken)
    {
        KeyspaceService keyspace = context.Server.Keyspace;
        StoredValue value = DataTypeRegistry.ValueOf(source);
        Entry copy = new(context.Server.DataTypes.Of(source).Copy(newKey, in value, EntryFactory.Instance).Address);
        copy.AccessClock = context.Server.AccessClock.Initial;
        if (source.HasExpiry) copy = copy.WithExpiry(source.ExpireAtUnixMs);
        if (isTaken) keyspace.Delete(target, newKey, hash, context.Server.Options.LazyFreeServerDel.Value);
        keyspace.Add(target, copy, hash);
        keyspace.SignalModified(target, newKey);
        keyspace.Publish(KeyspaceEvent.Generic, "copy_to"u8, newKey, target);
        context.AddDirty(1);
    }

    private static bool TryReadOptions(HostContext context, out Database target, out bool replaces)
    {
        target = context.Database;
        replaces = false;
        for (int i = 3; i < context.ArgumentCount; i++)
        {
            if (context.ArgumentIs(i, "replace"u8))
            {
                replaces = true;
            }
            else if (context.ArgumentIs(i, "db"u8) && i + 1 < context.ArgumentCount)
            {
                if (!DatabaseArgument.TryRead(context, ++i, out target)) return false;
            }
            else
            {
                context.Reply.SyntaxError();
                return false;
            }
        }

        return true;
    }
}

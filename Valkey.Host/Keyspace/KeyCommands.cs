// What can be said about a key without knowing what it holds: is it there, of which type, away with it.

using System.Text;
using Valkey.Abstractions;
using Valkey.Host.Commands;
using Valkey.Structures;

namespace Valkey.Host.Keyspace;

internal static partial class KeyCommands
{
    /// <summary>How often RANDOMKEY draws again when expired keys may not be deleted.</summary>
    private const int HiddenDrawsMax = 100;

    private static ulong s_random = (ulong)Environment.TickCount64;

    /// <summary>DEL key [key ...]: replies how many there were.</summary>
    [Command("del")]
    public static void Del(CommandContext ctx) => Delete(HostContext.Of(ctx), HostContext.Of(ctx).Server.Options.LazyFreeUserDel.Value);

    /// <summary>UNLINK key [key ...]: as DEL, and large values are freed by another thread.</summary>
    [Command("unlink")]
    public static void Unlink(CommandContext ctx) => Delete(HostContext.Of(ctx), lazily: true);

    /// <summary>EXISTS key [key ...]: replies how many are there; a key that is named twice counts twice.</summary>
    [Command("exists")]
    public static void Exists(CommandContext ctx) => ctx.Reply.Integer(Count(ctx, LookupFlags.NoTouch));

    /// <summary>TOUCH key [key ...]: marks the keys as used; replies how many are there.</summary>
    [Command("touch")]
    public static void Touch(CommandContext ctx) => ctx.Reply.Integer(Count(ctx, LookupFlags.None));

    /// <summary>TYPE key.</summary>
    [Command("type")]
    public static void Type(CommandContext ctx)
    {
        KeyEntry entry = ctx.LookupRead(ctx.Argument(1), LookupFlags.NoTouch);
        if (!entry.Exists)
        {
            ctx.Reply.SimpleString("none"u8);
            return;
        }

        string name = ctx.TypeOf(entry).Name;
        Span<byte> text = stackalloc byte[Encoding.UTF8.GetMaxByteCount(name.Length)];
        ctx.Reply.SimpleString(text[..Encoding.UTF8.GetBytes(name, text)]);
    }

    /// <summary>DBSIZE.</summary>
    [Command("dbsize")]
    public static void DbSize(CommandContext ctx) => ctx.Reply.Integer(HostContext.Of(ctx).Database.Keys.Count);

    /// <summary>RANDOMKEY: null when the database is empty.</summary>
    [Command("randomkey")]
    public static void RandomKey(CommandContext ctx)
    {
        HostContext context = HostContext.Of(ctx);
        Database database = context.Database;
        if (!context.CurrentClient.DeniesBlocking) context.Server.Propagation.DoNotFrame(); // as in SCAN
        for (int hiddenDraws = 0; ;)
        {
            Entry entry = new(database.Keys.Random(ref s_random));
            if (entry.IsNull)
            {
                ctx.Reply.Null();
                return;
            }

            // Where every key may be an expired one that has to stay, an expired one is the answer.
            bool isLast = context.Server.Lookup.HidesExpired && ++hiddenDraws >= HiddenDrawsMax;
            if (isLast || !context.Server.Lookup.FindAlive(database, entry.Key, KeyHash.Of(entry.Key)).IsNull)
            {
                ctx.Reply.Bulk(entry.Key);
                return;
            }
        }
    }

    private static void Delete(HostContext context, bool lazily)
    {
        long count = 0;
        for (int i = 1; i < context.ArgumentCount; i++)
        {
            ReadOnlySpan<byte> key = context.Argument(i);
            ulong hash = context.HashOf(key);
            if (context.Server.Lookup.FindToReplace(context.Database, key, hash).IsNull) continue;
            context.Server.Keyspace.Delete(context.Database, key, hash, lazily);
            context.SignalModified(key);
            context.Notify(KeyspaceEvent.Generic, "del"u8, key);
            count++;
        }

        context.Reply.Integer(count);
    }

    private static long Count(CommandContext ctx, LookupFlags flags)
    {
        long count = 0;
        for (int i = 1; i < ctx.ArgumentCount; i++)
        {
            if (ctx.LookupRead(ctx.Argument(i), flags).Exists) count++;
        }

        return count;
    }
}

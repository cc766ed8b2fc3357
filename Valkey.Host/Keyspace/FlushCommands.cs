// Whole databases: emptied, exchanged.
// Holds always: watchers of a key that goes or comes by it are told before it happens.

using Valkey.Abstractions;
using Valkey.Host.Commands;
using Valkey.Structures;

namespace Valkey.Host.Keyspace;

internal static partial class FlushCommands
{
    /// <summary>FLUSHDB [ASYNC | SYNC].</summary>
    [Command("flushdb")]
    public static void FlushDb(CommandContext ctx)
    {
        HostContext context = HostContext.Of(ctx);
        if (!TryReadMode(context, out bool lazily)) return;
        Empty(context, context.Database, lazily);
        End(context, "FLUSHDB"u8, lazily);
    }

    /// <summary>FLUSHALL [ASYNC | SYNC].</summary>
    [Command("flushall")]
    public static void FlushAll(CommandContext ctx)
    {
        HostContext context = HostContext.Of(ctx);
        if (!TryReadMode(context, out bool lazily)) return;
        foreach (Database database in context.Server.Databases) Empty(context, database, lazily);
        context.Server.Keyspace.AllFlushed?.Invoke();
        End(context, "FLUSHALL"u8, lazily);
    }

    /// <summary>SWAPDB index1 index2: clients of one database see the content of the other.</summary>
    [Command("swapdb")]
    public static void SwapDb(CommandContext ctx)
    {
        HostContext context = HostContext.Of(ctx);
        if (!ctx.TryIntegerInRange(1, int.MinValue, int.MaxValue, out long first, "invalid first DB index")) return;
        if (!ctx.TryIntegerInRange(2, int.MinValue, int.MaxValue, out long second, "invalid second DB index")) return;
        Database[] databases = context.Server.Databases;
        if (first < 0 || first >= databases.Length || second < 0 || second >= databases.Length)
        {
            ctx.Reply.Error("ERR DB index is out of range"u8);
            return;
        }

        if (first != second) Swap(context.Server, databases[(int)first], databases[(int)second]);
        ctx.AddDirty(1);
        ctx.Reply.Ok();
    }

    private static void Swap(Server server, Database first, Database second)
    {
        server.Watching.TouchAll(first, replacedWith: second);
        server.Watching.TouchAll(second, replacedWith: first);
        first.Uncommitted?.MarkDatabase(first.Index);
        second.Uncommitted?.MarkDatabase(second.Index);
        first.SwapContent(second);
    }

    private static void Empty(HostContext context, Database database, bool lazily)
    {
        context.Server.Watching.TouchAll(database, replacedWith: null);
        database.Uncommitted?.MarkDatabase(database.Index);
        context.AddDirty(context.Server.Keyspace.Empty(database, lazily));
    }

    private static void End(HostContext context, ReadOnlySpan<byte> name, bool lazily)
    {
        if (context.Server.KeyAccess.IsWanted) context.Server.KeyAccess.AllChanged();
        // Replicas may hold keys although we hold none, so an empty database is flushed there as well.
        if (context.ArgumentCount == 2) context.PropagateInstead(name, context.Argument(1));
        else context.PropagateInstead(name);
        if (!lazily) NativeHeap.Purge(); // who waits for the end wants the pages back as well
        context.Reply.Ok();
    }

    private static bool TryReadMode(HostContext context, out bool lazily)
    {
        lazily = context.Server.Options.LazyFreeUserFlush.Value;
        if (context.ArgumentCount == 1) return true;
        lazily = context.ArgumentCount == 2 && context.ArgumentIs(1, "async"u8);
        if (lazily || (context.ArgumentCount == 2 && context.ArgumentIs(1, "sync"u8))) return true;
        context.Reply.SyntaxError();
        return false;
    }
}

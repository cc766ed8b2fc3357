// MULTI, EXEC, DISCARD, WATCH, UNWATCH. Source: https://valkey.io/topics/transactions/

using Valkey.Abstractions;
using Valkey.Host.Clients;
using Valkey.Host.Commands;

namespace Valkey.Host.Transactions;

internal static partial class TransactionCommands
{
    /// <summary>MULTI: what follows is queued.</summary>
    [Command("multi")]
    public static void Multi(CommandContext ctx)
    {
        Client client = HostContext.Of(ctx).CurrentClient;
        if (client.Transaction.IsOpen)
        {
            ctx.Reply.Error("ERR MULTI calls can not be nested");
            return;
        }

        client.Transaction.IsOpen = true;
        ctx.Reply.Ok();
    }

    /// <summary>DISCARD: forgets the queue and the watched keys.</summary>
    [Command("discard")]
    public static void Discard(CommandContext ctx)
    {
        HostContext context = HostContext.Of(ctx);
        if (!context.CurrentClient.Transaction.IsOpen)
        {
            ctx.Reply.Error("ERR DISCARD without MULTI");
            return;
        }

        End(context);
        ctx.Reply.Ok();
    }

    /// <summary>WATCH key [key ...]: EXEC answers null when one of them changes before.</summary>
    [Command("watch")]
    public static void Watch(CommandContext ctx)
    {
        HostContext context = HostContext.Of(ctx);
        if (context.CurrentClient.Transaction.IsOpen)
        {
            ctx.Reply.Error("ERR WATCH inside MULTI is not allowed");
            return;
        }

        if (!context.CurrentClient.Transaction.IsStale)
        {
            for (int i = 1; i < ctx.ArgumentCount; i++)
                context.Server.Watching.Watch(context.CurrentClient, context.Database, ctx.Argument(i));
        }

        ctx.Reply.Ok();
    }

    /// <summary>UNWATCH: watches nothing any more.</summary>
    [Command("unwatch")]
    public static void Unwatch(CommandContext ctx)
    {
        HostContext context = HostContext.Of(ctx);
        context.Server.Watching.UnwatchAll(context.CurrentClient);
        context.CurrentClient.Transaction.IsStale = false;
        ctx.Reply.Ok();
    }

    /// <summary>EXEC: runs the queue, one reply per command; null when a watched key changed.</summary>
    [Command("exec")]
    public static void Exec(CommandContext ctx)
    {
        HostContext context = HostContext.Of(ctx);
        Client client = context.CurrentClient;
        TransactionState transaction = client.Transaction;
        if (!transaction.IsOpen)
        {
            ctx.Reply.Error("ERR EXEC without MULTI");
            return;
        }

        if (transaction.IsFaulty)
        {
            ctx.Reply.Error("EXECABORT Transaction discarded because of previous errors.");
            End(context);
            return;
        }

        if (transaction.IsStale || context.Server.Watching.HasExpired(client))
        {
            ctx.Reply.NullArray();
            End(context);
            return;
        }

        Run(context, client, transaction);
        End(context);
    }

    private static void Run(HostContext context, Client client, TransactionState transaction)
    {
        context.Server.Watching.UnwatchAll(client); // what the transaction itself changes is no reason to refuse the next one
        context.Reply.ArrayHeader(transaction.Queue.Count);
        client.Set(ClientFlags.ExecutingTransaction);
        transaction.IsOpen = false;
        foreach (QueuedCommand queued in transaction.Queue) context.Server.Dispatcher.CallNested(client, queued);
        client.Clear(ClientFlags.ExecutingTransaction);
    }

    private static void End(HostContext context)
    {
        context.Server.Watching.UnwatchAll(context.CurrentClient);
        context.CurrentClient.Transaction.Reset();
    }
}

// MULTI, EXEC, DISCARD, WATCH, UNWATCH (https://valkey.io/topics/transactions/).
//
// A queued command has passed all checks when it was queued; EXEC runs the queue without asking again. What goes wrong while
// queueing makes the whole transaction fail, what goes wrong while running is that one command's reply.

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
        HostContext.Of(ctx).CurrentClient.Transaction.IsOpen = true;
        ctx.Reply.Ok();
    }

    /// <summary>DISCARD: forgets the queue and the watched keys.</summary>
    [Command("discard")]
    public static void Discard(CommandContext ctx)
    {
        HostContext context = HostContext.Of(ctx);
        if (!context.CurrentClient.Transaction.IsOpen)
        {
            ctx.Reply.Error("ERR DISCARD without MULTI"u8);
            return;
        }

        End(context.Server, context.CurrentClient);
        ctx.Reply.Ok();
    }

    /// <summary>WATCH key [key ...]: EXEC answers null when one of them changes before.</summary>
    [Command("watch")]
    public static void Watch(CommandContext ctx)
    {
        HostContext context = HostContext.Of(ctx);
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
            ctx.Reply.Error("ERR EXEC without MULTI"u8);
            return;
        }

        if (context.Server.Watching.HasExpired(client)) transaction.IsStale = true;
        if (transaction.IsFaulty) ctx.Reply.Error("EXECABORT Transaction discarded because of previous errors."u8);
        else if (transaction.IsStale) ReplyStale(context);
        else Run(context, client, transaction);
        End(context.Server, client);
    }

    /// <summary>Some change to a watched key, nobody knows any more which, is told by this reply.</summary>
    private static void ReplyStale(HostContext context)
    {
        context.Server.Dispatcher.Holding?.NoteAllSeen();
        context.Reply.NullArray();
    }

    /// <summary>Forgets the transaction and what was watched for it.</summary>
    public static void End(Server server, Client client)
    {
        server.Watching.UnwatchAll(client);
        client.Transaction.Reset();
    }

    /// <summary>
    /// A command was refused inside MULTI: the transaction will fail, and when the command was EXEC it ends at once, with
    /// the error returned here instead of the given one.
    /// </summary>
    public static string? Refused(Server server, Client client, Command? command, string error)
    {
        if (command is not { IsExec: true })
        {
            client.Transaction.Fail();
            return null;
        }

        End(server, client);
        string reason = error.StartsWith("ERR ", StringComparison.Ordinal) ? error[4..] : error;
        return "EXECABORT Transaction discarded because of: " + reason;
    }

    private static void Run(HostContext context, Client client, TransactionState transaction)
    {
        context.Server.Watching.UnwatchAll(client); // what the transaction itself changes is no reason to refuse the next one
        context.Reply.ArrayHeader(transaction.Queue.Count);
        client.Set(ClientFlags.ExecutingTransaction);
        try
        {
            foreach (QueuedCommand queued in transaction.Queue) context.Server.Dispatcher.CallNested(client, queued);
        }
        finally
        {
            client.Clear(ClientFlags.ExecutingTransaction);
        }
    }
}

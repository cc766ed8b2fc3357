// SAVE, BGSAVE, LASTSAVE. Source: https://valkey.io/commands/bgsave/

using System.Text;
using Valkey.Abstractions;
using Valkey.Host.Commands;

namespace Valkey.Host.Snapshots;

internal static partial class SnapshotCommands
{
    private const string InProgress = "ERR Background save already in progress";
    private const string OtherChild =
        "ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in order to schedule a BGSAVE "
        + "whenever possible.";

    /// <summary>SAVE: writes the file before anybody else is served.</summary>
    [Command("save")]
    public static void Save(CommandContext ctx)
    {
        SnapshotService snapshots = HostContext.Of(ctx).Server.Snapshots;
        ctx.DoNotPropagate();
        if (snapshots.Running is not null) ctx.Reply.Error(InProgress);
        else if (snapshots.SaveNow()) ctx.Reply.Ok();
        else ctx.Reply.Error("ERR"u8);
    }

    /// <summary>BGSAVE [provider] | SCHEDULE [provider] | CANCEL: the file is written while others are served.</summary>
    [Command("bgsave")]
    public static void BackgroundSave(CommandContext ctx)
    {
        SnapshotService snapshots = HostContext.Of(ctx).Server.Snapshots;
        bool schedules = ctx.ArgumentCount > 1 && ctx.ArgumentIs(1, "schedule"u8);
        int providerIndex = schedules ? 2 : 1;
        if (ctx.ArgumentCount > providerIndex + 1)
        {
            ctx.Reply.SyntaxError();
            return;
        }

        if (ctx.ArgumentCount == 2 && ctx.ArgumentIs(1, "cancel"u8))
        {
            Cancel(ctx, snapshots);
            return;
        }

        IPersistenceProvider? provider = null;
        if (ctx.ArgumentCount > providerIndex && !TryProvider(ctx, snapshots, providerIndex, out provider)) return;
        Start(ctx, snapshots, provider, schedules);
    }

    /// <summary>LASTSAVE: unix time of the last save that succeeded.</summary>
    [Command("lastsave")]
    public static void LastSave(CommandContext ctx) => ctx.Reply.Integer(HostContext.Of(ctx).Server.Snapshots.LastSaveUnixSeconds);

    private static void Start(CommandContext ctx, SnapshotService snapshots, IPersistenceProvider? provider, bool schedules)
    {
        Logging.ServerLog log = HostContext.Of(ctx).Server.Log;
        if (snapshots.Running is not null)
        {
            ctx.Reply.Error(InProgress);
        }
        else if (snapshots.IsBusy && !schedules && !HostContext.Of(ctx).CurrentClient.Has(Clients.ClientFlags.ExecutingTransaction))
        {
            ctx.Reply.Error(OtherChild);
        }
        else if (snapshots.IsBusy || HostContext.Of(ctx).CurrentClient.Has(Clients.ClientFlags.ExecutingTransaction))
        {
            snapshots.Schedule(provider); // a snapshot of half a transaction is none
            log.Write(LogLevel.Notice, schedules
                ? "Background saving scheduled due to user request"
                : "Background saving scheduled to run after transaction execution");
            ctx.Reply.SimpleString("Background saving scheduled"u8);
        }
        else if (snapshots.Start(provider) is { } error)
        {
            ctx.Reply.Error(error.Length > 0 ? error : "ERR");
        }
        else
        {
            ctx.Reply.SimpleString("Background saving started"u8);
        }
    }

    private static void Cancel(CommandContext ctx, SnapshotService snapshots)
    {
        Logging.ServerLog log = HostContext.Of(ctx).Server.Log;
        if (snapshots.Running is { IsKilled: false })
        {
            log.Write(LogLevel.Notice, "Background saving will be aborted due to user request");
            snapshots.Kill();
            ctx.Reply.SimpleString("Background saving cancelled"u8);
        }
        else if (snapshots.IsScheduled)
        {
            log.Write(LogLevel.Notice, "Scheduled background saving will be cancelled due to user request");
            snapshots.Unschedule();
            ctx.Reply.SimpleString("Scheduled background saving cancelled"u8);
        }
        else
        {
            ctx.Reply.Error("ERR Background saving is currently not in progress or scheduled"u8);
        }
    }

    private static bool TryProvider(CommandContext ctx, SnapshotService snapshots, int index, out IPersistenceProvider? provider)
    {
        string name = Encoding.Latin1.GetString(ctx.Argument(index));
        provider = snapshots.Find(name);
        if (provider is not null) return true;
        List<string> names = [];
        foreach (IPersistenceProvider existing in snapshots.Providers) names.Add(existing.Name);
        string there = names.Count == 0 ? "none is loaded" : $"there are: {string.Join(", ", names)}";
        ctx.Reply.Error($"ERR unknown persistence provider '{(name.Length > 64 ? name[..64] : name)}', {there}");
        return false;
    }
}

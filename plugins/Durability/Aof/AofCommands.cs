// BGREWRITEAOF and WAITAOF. Source: https://valkey.io/commands/bgrewriteaof/, https://valkey.io/commands/waitaof/

using Valkey.Abstractions;
using Valkey.Aof.Writing;

namespace Valkey.Aof;

internal static partial class AofCommands
{
    // Handlers are static; there is one server in a process, and one log.
    private static IPluginContext s_context = null!;
    private static AppendOnlyLog s_log = null!;

    public static void Prepare(IPluginContext context, AppendOnlyLog log) => (s_context, s_log) = (context, log);

    public static void Release() => (s_context, s_log) = (null!, null!);

    /// <summary>BGREWRITEAOF: a new base takes the place of all that was logged.</summary>
    [Command("bgrewriteaof")]
    public static void BackgroundRewrite(CommandContext ctx)
    {
        ctx.DoNotPropagate();
        if (s_log.Rewrite.IsRunning)
        {
            ctx.Reply.Error("ERR Background append only file rewriting already in progress"u8);
        }
        else if (s_context.Persistence.IsBusy || s_context.Server.IsInTransaction)
        {
            s_log.Rewrite.ScheduleByHand();
            s_context.Log.Write(LogLevel.Notice, "Background append only file rewriting scheduled.");
            ctx.Reply.SimpleString("Background append only file rewriting scheduled"u8);
        }
        else if (s_log.Rewrite.TryStart())
        {
            ctx.Reply.SimpleString("Background append only file rewriting started"u8);
        }
        else
        {
            ctx.Reply.Error("ERR Can't execute an AOF background rewriting. Please check the server logs for more information."u8);
        }
    }

    /// <summary>WAITAOF numlocal numreplicas timeout: waits until the client's writes are on the disk here, and on replicas.</summary>
    [Command("waitaof")]
    public static void WaitForSync(CommandContext ctx)
    {
        if (!ctx.TryIntegerInRange(1, 0, 1, out long localCount)) return;
        if (!ctx.TryIntegerInRange(2, 0, long.MaxValue, out long replicaCount)) return;
        if (!TryTimeoutMs(ctx, 3, out long timeoutMs)) return;
        if (localCount > 0 && s_log.State == LogState.Off)
        {
            ctx.Reply.Error(SyncWait.NotEnabled);
            return;
        }

        SyncWait wait = new(s_log.Waits, s_log, ctx.LastWriteOffset, localCount, replicaCount) { TimeoutMs = timeoutMs };
        if (wait.IsFulfilled(s_log.FsyncedOffset) || ctx.Client.DeniesBlocking)
        {
            wait.WriteReply(ctx.Reply);
            return;
        }

        s_log.Waits.Add(wait);
        ctx.Block(wait);
    }

    /// <summary>Milliseconds, 0 for ever.</summary>
    private static bool TryTimeoutMs(CommandContext ctx, int index, out long timeoutMs)
    {
        if (!ctx.TryInteger(index, out timeoutMs, "ERR timeout is not an integer or out of range")) return false;
        if (timeoutMs >= 0 && timeoutMs <= long.MaxValue - ctx.NowUnixMs) return true;
        ctx.Reply.Error(timeoutMs < 0 ? "ERR timeout is negative" : "ERR timeout is out of range");
        return false;
    }
}

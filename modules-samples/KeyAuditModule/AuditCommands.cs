// What clients may ask the audit log.

using Valkey.Abstractions;

namespace Valkey.Samples.KeyAudit;

internal static partial class AuditCommands
{
    private const CommandFlags Look = CommandFlags.ReadOnly | CommandFlags.Admin;

    /// <summary>Set by the module before it registers the commands; handlers are static, so it has to be too.</summary>
    public static AuditLog Log { get; set; } = new(ringSize: 1);

    /// <summary>AUDIT.LAST count: replies the newest events, the newest first.</summary>
    [Command("audit.last", Arity = 2, Flags = Look, Summary = "Replies the newest events.")]
    public static void Last(CommandContext ctx)
    {
        if (!ctx.TryIntegerInRange(1, 0, AuditLog.RingSizeMax, out long wanted)) return;

        int count = (int)Math.Min(wanted, Log.KeptCount);
        ctx.Reply.ArrayHeader(count);
        for (int age = 0; age < count; age++) ReplyRecord(ctx.Reply, in Log.Newest(age));
    }

    /// <summary>AUDIT.COUNT: replies how many events of each class there were.</summary>
    [Command("audit.count", Arity = 1, Flags = Look | CommandFlags.Fast, Summary = "Replies the number of events of each class.")]
    public static void Count(CommandContext ctx)
    {
        ctx.Reply.MapHeader(EventClasses.All.Length);
        foreach (EventClass eventClass in EventClasses.All)
        {
            ctx.Reply.Bulk(eventClass.Name);
            ctx.Reply.Integer(Log.CountOf(eventClass.Flag));
        }
    }

    /// <summary>AUDIT.RESET: forgets all events.</summary>
    [Command("audit.reset", Arity = 1, Flags = CommandFlags.Admin | CommandFlags.Fast, Summary = "Forgets all events.")]
    public static void Reset(CommandContext ctx)
    {
        Log.Reset();
        ctx.Reply.Ok();
    }

    private static void ReplyRecord(ReplyWriter reply, in AuditLog.Record record)
    {
        reply.MapHeader(5);
        reply.Bulk("number"u8);
        reply.Integer(record.Number);
        reply.Bulk("at-ms"u8);
        reply.Integer(record.AtUnixMs);
        reply.Bulk("db"u8);
        reply.Integer(record.DatabaseIndex);
        reply.Bulk("event"u8);
        reply.Bulk(record.NameBytes);
        reply.Bulk("key"u8);
        reply.Bulk(record.KeyBytes);
    }
}

// MembershipCommands.cs: questions about one set that change nothing.
// Handlers run on the command thread: no lock, no await, no managed allocation.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Sets;

internal static partial class MembershipCommands
{
    /// <summary>SCARD key: replies how many members there are.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/scard/</remarks>
    [Command("scard")]
    public static void SCard(CommandContext ctx)
    {
        if (SetStore.TryRead(ctx, ctx.Argument(1), out SetValue set)) ctx.Reply.Integer(set.Exists ? set.Count : 0);
    }

    /// <summary>SISMEMBER key member: replies 1 for a member, else 0.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/sismember/</remarks>
    [Command("sismember")]
    public static void SIsMember(CommandContext ctx)
    {
        if (!SetStore.TryRead(ctx, ctx.Argument(1), out SetValue set)) return;
        ctx.Reply.Integer(set.Exists && set.Contains(ctx.Argument(2)) ? 1 : 0);
    }

    /// <summary>SMISMEMBER key member [member ...]: replies 1 or 0 for each.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/smismember/</remarks>
    [Command("smismember")]
    public static void SMIsMember(CommandContext ctx)
    {
        if (!SetStore.TryRead(ctx, ctx.Argument(1), out SetValue set)) return;

        ctx.Reply.ArrayHeader(ctx.ArgumentCount - 2);
        for (int i = 2; i < ctx.ArgumentCount; i++)
        {
            ctx.Reply.Integer(set.Exists && set.Contains(ctx.Argument(i)) ? 1 : 0);
        }
    }

    /// <summary>SMEMBERS key: replies all members.</summary>
    /// <remarks>Errors: WRONGTYPE. Source: https://valkey.io/commands/smembers/</remarks>
    [Command("smembers")]
    public static void SMembers(CommandContext ctx)
    {
        if (!SetStore.TryRead(ctx, ctx.Argument(1), out SetValue set)) return;

        ctx.Reply.SetHeader(set.Exists ? set.Count : 0);
        if (set.Exists) ReplyAll(ctx.Reply, set);
    }

    /// <summary>Replies every member, behind a header that the caller wrote.</summary>
    public static void ReplyAll(ReplyWriter reply, SetValue set)
    {
        MemberWalk members = new(set, stackalloc byte[IntegerText.LengthMax]);
        while (members.MoveNext()) members.Reply(reply);
    }
}

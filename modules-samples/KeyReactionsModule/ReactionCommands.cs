// What clients may ask.

using Valkey.Abstractions;

namespace Valkey.Samples.KeyReactions;

internal static partial class ReactionCommands
{
    /// <summary>Set by the module before it registers the commands.</summary>
    public static Reactions Reactions { get; set; } = null!;

    /// <summary>REACTIONS.RELEASE: lets the client that waits longest go on; 1 when there was one.</summary>
    [Command("reactions.release", Arity = 1, Flags = CommandFlags.Admin | CommandFlags.Fast, Summary = "Lets a held reply go.")]
    public static void Release(CommandContext ctx) => ctx.Reply.Integer(Reactions.Release() ? 1 : 0);

    /// <summary>REACTIONS.HELD: how many clients wait.</summary>
    [Command("reactions.held", Arity = 1, Flags = CommandFlags.ReadOnly | CommandFlags.Fast, Summary = "Counts held replies.")]
    public static void Held(CommandContext ctx) => ctx.Reply.Integer(Reactions.HeldCount);

    /// <summary>REACTIONS.DURABLE: how many changes of count: keys are durable.</summary>
    [Command("reactions.durable", Arity = 1, Flags = CommandFlags.ReadOnly | CommandFlags.Fast, Summary = "Counts durable changes.")]
    public static void Durable(CommandContext ctx) => ctx.Reply.Integer(Reactions.DurableCount);

    /// <summary>REACTIONS.ANSWER: what the last command of a try: key answered.</summary>
    [Command("reactions.answer", Arity = 1, Flags = CommandFlags.ReadOnly | CommandFlags.Fast, Summary = "Tells an answer.")]
    public static void Answer(CommandContext ctx) => ctx.Reply.Bulk(Reactions.LastAnswer);
}

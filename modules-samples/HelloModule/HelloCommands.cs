// One command for each kind of reply (https://valkey.io/topics/protocol/). Where a kind exists in RESP3 only, the reply
// writer chooses the old form for clients that speak RESP2; a handler never asks which one it is.
// Handlers run on the command thread, one after the other: no lock, no await, and exactly one reply each.

using System.Text;
using Valkey.Abstractions;

namespace Valkey.Samples.Hello;

internal static partial class HelloCommands
{
    private const CommandFlags Quick = CommandFlags.ReadOnly | CommandFlags.Fast;

    /// <summary>What hello.bulk says.</summary>
    public static StringOption Greeting { get; } = new("greeting", "Hello");

    /// <summary>HELLO.SIMPLE: a simple string, for short fixed texts without line breaks.</summary>
    [Command("hello.simple", Arity = 1, Flags = Quick, Summary = "Replies a simple string.")]
    public static void Simple(CommandContext ctx) => ctx.Reply.SimpleString("Hello"u8);

    /// <summary>HELLO.ERROR: an error begins with its code in capitals.</summary>
    [Command("hello.error", Arity = 1, Flags = Quick, Summary = "Replies an error.")]
    public static void Error(CommandContext ctx) => ctx.Reply.Error("HELLO this is what an error looks like"u8);

    /// <summary>HELLO.INTEGER number: an integer; one that is none was answered by TryInteger already.</summary>
    [Command("hello.integer", Arity = 2, Flags = Quick, Summary = "Replies the given integer.")]
    public static void Integer(CommandContext ctx)
    {
        if (!ctx.TryInteger(1, out long value)) return;
        ctx.Reply.Integer(value);
    }

    /// <summary>HELLO.BULK [name]: a bulk string, any bytes at all; a missing name makes it the plain greeting.</summary>
    [Command("hello.bulk", Arity = -1, Flags = Quick, Summary = "Greets by the option hello.greeting.")]
    public static void Bulk(CommandContext ctx)
    {
        if (ctx.ArgumentCount == 1) ctx.Reply.Bulk(Greeting.Value);
        else ctx.Reply.Bulk($"{Greeting.Value}, {Encoding.UTF8.GetString(ctx.Argument(1))}"); // allocates: fine off the hot path
    }

    /// <summary>HELLO.ARRAY [element ...]: its length first, then so many elements.</summary>
    [Command("hello.array", Arity = -1, Flags = Quick, Summary = "Replies its arguments as an array.")]
    public static void Array(CommandContext ctx)
    {
        ctx.Reply.ArrayHeader(ctx.ArgumentCount - 1);
        for (int i = 1; i < ctx.ArgumentCount; i++) ctx.Reply.Bulk(ctx.Argument(i));
    }

    /// <summary>HELLO.MAP: a map; RESP2 clients get keys and values in one array.</summary>
    [Command("hello.map", Arity = 1, Flags = Quick, Summary = "Replies a map of two pairs.")]
    public static void Map(CommandContext ctx)
    {
        ctx.Reply.MapHeader(2);
        ctx.Reply.Bulk("greeting"u8);
        ctx.Reply.Bulk(Greeting.Value);
        ctx.Reply.Bulk("length"u8);
        ctx.Reply.Integer(Greeting.Value.Length);
    }

    /// <summary>HELLO.SET: a set whose size is known only at its end.</summary>
    [Command("hello.set", Arity = 1, Flags = Quick, Summary = "Replies the divisors of 36 as a set.")]
    public static void Set(CommandContext ctx)
    {
        DeferredLength set = ctx.Reply.BeginDeferred();
        int count = 0;
        for (int number = 1; number <= 36; number++)
        {
            if (36 % number != 0) continue;
            ctx.Reply.Integer(number);
            count++;
        }

        ctx.Reply.EndSet(set, count);
    }

    /// <summary>HELLO.DOUBLE: a floating point number.</summary>
    [Command("hello.double", Arity = 1, Flags = Quick, Summary = "Replies a double.")]
    public static void Double(CommandContext ctx) => ctx.Reply.Double(3.25);

    /// <summary>HELLO.BOOL number: whether it is not zero.</summary>
    [Command("hello.bool", Arity = 2, Flags = Quick, Summary = "Replies whether a number is not zero.")]
    public static void Bool(CommandContext ctx)
    {
        if (!ctx.TryInteger(1, out long value)) return;
        ctx.Reply.Boolean(value != 0);
    }

    /// <summary>HELLO.NULL: nothing.</summary>
    [Command("hello.null", Arity = 1, Flags = Quick, Summary = "Replies null.")]
    public static void Null(CommandContext ctx) => ctx.Reply.Null();

    /// <summary>HELLO.BIGNUMBER: more digits than 64 bits hold.</summary>
    [Command("hello.bignumber", Arity = 1, Flags = Quick, Summary = "Replies a number of 40 digits.")]
    public static void BigNumber(CommandContext ctx) => ctx.Reply.BigNumber("1234567890123456789012345678901234567890"u8);

    /// <summary>HELLO.VERBATIM: text that says how it is to be shown.</summary>
    [Command("hello.verbatim", Arity = 1, Flags = Quick, Summary = "Replies a text in Markdown.")]
    public static void Verbatim(CommandContext ctx) => ctx.Reply.Verbatim("mkd"u8, "# Hello\n\nThis is *Markdown*."u8);

    /// <summary>HELLO.NESTED: aggregates hold aggregates; every header is followed by as many elements as it says.</summary>
    [Command("hello.nested", Arity = 1, Flags = Quick, Summary = "Replies an array that holds a map that holds an array.")]
    public static void Nested(CommandContext ctx)
    {
        ctx.Reply.ArrayHeader(2);
        ctx.Reply.Bulk("outer"u8);
        ctx.Reply.MapHeader(1);
        ctx.Reply.Bulk("inner"u8);
        ctx.Reply.ArrayHeader(3);
        for (int i = 1; i <= 3; i++) ctx.Reply.Integer(i);
    }
}

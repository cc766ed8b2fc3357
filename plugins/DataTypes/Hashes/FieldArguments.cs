// "FIELDS count field [field ...]" at the end of a command, with or without values between the fields.
// Holds always: the fields reach to the last argument, and there is at least one.

using Valkey.Abstractions;

namespace Valkey.Hashes;

internal readonly struct FieldArguments
{
    private FieldArguments(int first, long count)
    {
        First = first;
        Count = count;
    }

    /// <summary>Index of the first field.</summary>
    public int First { get; }

    /// <summary>How many fields.</summary>
    public long Count { get; }

    /// <summary>Reads the fields of a command where they stand at one place only; false after replying an error.</summary>
    /// <param name="ctx">The command.</param>
    /// <param name="first">Where the first field is, behind its count.</param>
    /// <param name="fields">The fields.</param>
    /// <param name="isSyntaxError">Whether a wrong count is called a syntax error.</param>
    /// <remarks>Valkey does not look at the word in front of the count; clients may rely on it.</remarks>
    public static bool TryReadAt(CommandContext ctx, int first, out FieldArguments fields, bool isSyntaxError = false)
    {
        fields = default;
        if (!ctx.TryInteger(first - 1, out long count)) return false;
        fields = new FieldArguments(first, count);
        if (count != 0 && count == ctx.ArgumentCount - first) return true;
        if (isSyntaxError) ctx.Reply.SyntaxError();
        else RefuseCount(ctx);
        return false;
    }

    /// <summary>Index of the word FIELDS, from a position on; -1 when there is none with something behind it.</summary>
    public static int FindWord(CommandContext ctx, int start)
    {
        for (int i = start; i < ctx.ArgumentCount - 1; i++)
        {
            if (ctx.ArgumentIs(i, "fields"u8)) return i;
        }

        return -1;
    }

    /// <summary>Reads the fields behind the word FIELDS; false after replying an error.</summary>
    /// <param name="ctx">The command.</param>
    /// <param name="wordIndex">Where the word is, or -1.</param>
    /// <param name="argumentsPerField">2 when each field is followed by its value.</param>
    /// <param name="fields">The fields.</param>
    public static bool TryReadBehind(CommandContext ctx, int wordIndex, int argumentsPerField, out FieldArguments fields)
    {
        fields = default;
        long count = 0;
        if (wordIndex >= 0 && !ctx.TryInteger(wordIndex + 1, out count)) return false;
        int first = wordIndex + 2;
        fields = new FieldArguments(first, count);
        bool isRight = count > 0 && count <= int.MaxValue && count * argumentsPerField == ctx.ArgumentCount - first;
        if (!isRight) RefuseCount(ctx);
        return isRight;
    }

    private static void RefuseCount(CommandContext ctx) =>
        ctx.Reply.Error("ERR numfields should be greater than 0 and match the provided number of fields"u8);
}

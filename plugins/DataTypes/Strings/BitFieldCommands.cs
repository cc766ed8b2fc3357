// BITFIELD: several operations on integers inside of one string. The arguments are read twice: once to find errors and
// how long the string must become, before anything is changed, and once to do the work; so no list of operations is kept.
// Handlers run on the command thread: no lock, no await, no managed allocation.

using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Strings;

internal static partial class BitFieldCommands
{
    private const string TypeError =
        "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.";

    private enum Kind
    {
        Get,
        Set,
        Increment,
    }

    private struct Operation
    {
        public Kind Kind;
        public BitField Field;
        public long Value;
        public BitFieldOverflow Overflow;
    }

    /// <summary>What reading all operations in advance found out.</summary>
    private struct Survey
    {
        public int OperationCount;
        public bool Writes;
        public long LastBitWritten;
    }

    /// <summary>BITFIELD key [GET type offset | [OVERFLOW WRAP|SAT|FAIL] SET type offset value | INCRBY type offset n ...].</summary>
    /// <remarks>
    /// Replies an array: values read, old values of SET, new ones of INCRBY, null where an overflow failed.
    /// Errors: WRONGTYPE, syntax, type, offset. Source: https://valkey.io/commands/bitfield/
    /// </remarks>
    [Command("bitfield", KeyFinder = nameof(FindKeys))]
    public static void ReadAndWrite(CommandContext ctx)
    {
        if (!TrySurvey(ctx, out Survey survey)) return;

        if (survey.Writes) RunOnWritable(ctx, in survey);
        else RunOnReadable(ctx, in survey);
    }

    /// <summary>BITFIELD_RO key [GET type offset ...]: BITFIELD that only reads, which replicas may run.</summary>
    /// <remarks>Source: https://valkey.io/commands/bitfield_ro/</remarks>
    [Command("bitfield_ro")]
    public static void ReadOnly(CommandContext ctx)
    {
        if (!TrySurvey(ctx, out Survey survey)) return;
        if (survey.Writes)
        {
            ctx.Reply.Error("ERR BITFIELD_RO only supports the GET subcommand"u8);
            return;
        }

        RunOnReadable(ctx, in survey);
    }

    /// <summary>BITFIELD's one key: only read when all operations are GET.</summary>
    public static bool FindKeys(CommandArguments arguments, KeyCollector keys)
    {
        KeySpecFlags flags = KeySpecFlags.ReadOnly | KeySpecFlags.Access;
        for (int i = 2; i < arguments.Count; i++)
        {
            bool isGet = System.Text.Ascii.EqualsIgnoreCase(arguments[i], "get"u8);
            bool isOverflow = System.Text.Ascii.EqualsIgnoreCase(arguments[i], "overflow"u8);
            i += isGet ? 2 : 1;
            if ((isGet || isOverflow) && i < arguments.Count) continue;

            flags = KeySpecFlags.ReadWrite | KeySpecFlags.Access | KeySpecFlags.Update;
            break;
        }

        keys.Add(1, flags);
        return true;
    }

    private static bool TrySurvey(CommandContext ctx, out Survey survey)
    {
        survey = default;
        BitFieldOverflow overflow = BitFieldOverflow.Wrap;
        for (int i = 2; i < ctx.ArgumentCount;)
        {
            if (!TryRead(ctx, ref i, ref overflow, out Operation operation, out bool isOperation)) return false;
            if (!isOperation) continue;

            survey.OperationCount++;
            if (operation.Kind == Kind.Get) continue;
            survey.Writes = true;
            survey.LastBitWritten = Math.Max(survey.LastBitWritten, operation.Field.Offset + operation.Field.Width - 1);
        }

        return true;
    }

    private static void RunOnReadable(CommandContext ctx, in Survey survey)
    {
        if (!ctx.TryLookupRead(ctx.Argument(1), StringType.Descriptor, out KeyEntry entry)) return;

        Span<byte> scratch = stackalloc byte[StringValue.ScratchBytes];
        ReadOnlySpan<byte> bytes = entry.Exists ? StringValue.Read(new Entry(entry.Address), scratch) : default;
        ctx.Reply.ArrayHeader(survey.OperationCount);
        BitFieldOverflow overflow = BitFieldOverflow.Wrap;
        for (int i = 2; i < ctx.ArgumentCount;)
        {
            if (!TryRead(ctx, ref i, ref overflow, out Operation operation, out bool isOperation)) return;
            if (isOperation) ctx.Reply.Integer(operation.Field.Read(bytes));
        }
    }

    private static void RunOnWritable(CommandContext ctx, in Survey survey)
    {
        ReadOnlySpan<byte> key = ctx.Argument(1);
        if (!ctx.TryLookupWrite(key, StringType.Descriptor, out KeyEntry entry)) return;

        int length = (int)(survey.LastBitWritten >> 3) + 1;
        bool grows = !entry.Exists || StringValue.Length(new Entry(entry.Address)) < length;
        Span<byte> bytes = StringStore.Open(ctx, key, entry, length);

        ctx.Reply.ArrayHeader(survey.OperationCount);
        long changeCount = 0;
        BitFieldOverflow overflow = BitFieldOverflow.Wrap;
        for (int i = 2; i < ctx.ArgumentCount;)
        {
            if (!TryRead(ctx, ref i, ref overflow, out Operation operation, out bool isOperation)) return;
            if (isOperation && Execute(ctx.Reply, in operation, bytes, countAlways: grows)) changeCount++;
        }

        // Growing alone is a change as well: a replica has to follow even if every operation failed.
        if (changeCount == 0 && !grows) return;
        ctx.SignalModified(key, Math.Max(1, changeCount));
        ctx.Notify(KeyspaceEvent.String, "setbit"u8, key);
    }

    // Replies one operation's result; true when it wrote something that was different, or anything at all.
    private static bool Execute(ReplyWriter reply, in Operation operation, Span<byte> bytes, bool countAlways)
    {
        BitField field = operation.Field;
        long old = field.Read(bytes);
        if (operation.Kind == Kind.Get)
        {
            reply.Integer(old);
            return false;
        }

        Int128 wanted = operation.Kind == Kind.Increment ? (Int128)old + operation.Value : field.Wanted(operation.Value);
        if (!field.TryFit(wanted, operation.Overflow, out long value))
        {
            reply.Null();
            return false;
        }

        field.Write(bytes, value);
        reply.Integer(operation.Kind == Kind.Increment ? value : old);
        return countAlways || old != value;
    }

    // Reads what stands at a position and moves behind it: an operation, or OVERFLOW, which is for those that follow.
    // False after replying what is wrong.
    private static bool TryRead(
        CommandContext ctx, ref int index, ref BitFieldOverflow overflow, out Operation operation, out bool isOperation)
    {
        operation = default;
        isOperation = false;
        int argumentsLeft = ctx.ArgumentCount - index - 1;
        if (ctx.ArgumentIs(index, "overflow"u8) && argumentsLeft >= 1)
        {
            index += 2;
            return TryReadOverflow(ctx, index - 1, out overflow);
        }

        isOperation = true;
        operation.Overflow = overflow;
        if (ctx.ArgumentIs(index, "get"u8) && argumentsLeft >= 2) operation.Kind = Kind.Get;
        else if (ctx.ArgumentIs(index, "set"u8) && argumentsLeft >= 3) operation.Kind = Kind.Set;
        else if (ctx.ArgumentIs(index, "incrby"u8) && argumentsLeft >= 3) operation.Kind = Kind.Increment;
        else
        {
            ctx.Reply.SyntaxError();
            return false;
        }

        if (!TryReadField(ctx, index + 1, out operation.Field)) return false;
        bool hasValue = operation.Kind != Kind.Get;
        if (hasValue && !ctx.TryInteger(index + 3, out operation.Value)) return false;
        index += hasValue ? 4 : 3;
        return true;
    }

    private static bool TryReadOverflow(CommandContext ctx, int index, out BitFieldOverflow overflow)
    {
        overflow = BitFieldOverflow.Wrap;
        if (ctx.ArgumentIs(index, "wrap"u8)) return true;

        overflow = BitFieldOverflow.Saturate;
        if (ctx.ArgumentIs(index, "sat"u8)) return true;

        overflow = BitFieldOverflow.Fail;
        if (ctx.ArgumentIs(index, "fail"u8)) return true;

        ctx.Reply.Error("ERR Invalid OVERFLOW type specified"u8);
        return false;
    }

    private static bool TryReadField(CommandContext ctx, int index, out BitField field)
    {
        field = default;
        ReadOnlySpan<byte> type = ctx.Argument(index);
        bool isSigned = !type.IsEmpty && type[0] == 'i';
        bool isKnown = isSigned || (!type.IsEmpty && type[0] == 'u');
        if (!isKnown || !IntegerText.TryParse(type[1..], out long width) || width < 1 || width > (isSigned ? 64 : 63))
        {
            ctx.Reply.Error(TypeError);
            return false;
        }

        if (!BitCommands.TryReadOffset(ctx, index + 1, (int)width, out long offset)) return false;
        field = new BitField(offset, (int)width, isSigned);
        return true;
    }
}

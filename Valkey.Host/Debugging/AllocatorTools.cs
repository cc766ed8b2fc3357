// DEBUG about the allocator: jemalloc's own settings by name. Without jemalloc the tools are there and say what is missing.
// "VOID" as the value of a text stands for none: what a name does without a value is then done.

using System.Runtime.InteropServices;
using System.Text;
using Valkey.Host.Commands;
using Valkey.Structures;

namespace Valkey.Host.Debugging;

internal static class AllocatorTools
{
    public static void AddTo(DebugTools tools)
    {
        tools.Add(new DebugTool("MALLCTL", 1, 2, Number,
            "MALLCTL <name> [<value>]", "    Show a setting of jemalloc that is a number or a switch, or change it."));
        tools.Add(new DebugTool("MALLCTL-STR", 1, 2, Text,
            "MALLCTL-STR <name> [<value>|VOID]", "    The same for texts. With VOID, do what <name> stands for (arena.0.purge)."));
    }

    private static void Number(HostContext context)
    {
        ReadOnlySpan<byte> name = context.Argument(2);
        if (context.ArgumentCount == 3)
        {
            int error = AllocatorSettings.ReadNumber(name, out long value);
            if (error == 0) context.Reply.Integer(value);
            else ReplyError(context, error);
            return;
        }

        if (!context.TryInteger(3, out long given)) return;
        int refusal = AllocatorSettings.WriteNumber(name, given, out long? previous);
        if (refusal != 0) ReplyError(context, refusal);
        else if (previous is long before) context.Reply.Integer(before);
        else context.Reply.Ok();
    }

    private static void Text(HostContext context)
    {
        ReadOnlySpan<byte> name = context.Argument(2);
        string? text = null;
        int error = context.ArgumentCount == 3 ? AllocatorSettings.ReadText(name, out text)
            : context.Argument(3).SequenceEqual("VOID"u8) ? Act(name, out text)
            : AllocatorSettings.WriteText(name, context.Argument(3), out text);
        if (error != 0) ReplyError(context, error);
        else if (text is not null) context.Reply.Bulk(Encoding.UTF8.GetBytes(text));
        else context.Reply.Ok();
    }

    /// <summary>A text without a new value is only shown.</summary>
    private static int Act(ReadOnlySpan<byte> name, out string? text)
    {
        int error = AllocatorSettings.ReadText(name, out text);
        if (error != AllocatorSettings.NotPermitted) return error;
        text = null;
        return AllocatorSettings.Act(name);
    }

    private static void ReplyError(HostContext context, int error) => context.Reply.Error(error == AllocatorSettings.NoSettings
        ? "ERR jemalloc has this setting, and the server runs with the allocator of the C library"
        : $"ERR {Marshal.GetPInvokeErrorMessage(error)}");
}

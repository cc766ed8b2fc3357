// What HELP of a container answers: the usage, the subcommands with a sentence each, and HELP itself.

using Valkey.Host.Commands;

namespace Valkey.Host.Keyspace;

internal static class HelpReply
{
    /// <summary>Replies the help; lines of explanation begin with blanks.</summary>
    public static void Write(HostContext context, string container, ReadOnlySpan<string> lines)
    {
        context.Reply.ArrayHeader(lines.Length + 3);
        Line(context, $"{container} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
        foreach (string line in lines) Line(context, line);
        Line(context, "HELP");
        Line(context, "    Print this help.");
    }

    private static void Line(HostContext context, string text) =>
        context.Reply.SimpleString(System.Text.Encoding.UTF8.GetBytes(text));
}

// The reply of every HELP subcommand: a first line about the container, the subcommands, and HELP itself.

using System.Text;
using Valkey.Abstractions;

namespace Valkey.Host.Commands;

internal static class HelpText
{
    /// <summary>Writes the help of the container whose subcommand runs.</summary>
    public static void Write(CommandContext ctx, params ReadOnlySpan<string> lines)
    {
        Command command = HostContext.Of(ctx).Command;
        string container = (command.Parent ?? command).Name.ToUpperInvariant();
        ctx.Reply.ArrayHeader(lines.Length + 3);
        WriteLine(ctx, $"{container} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
        foreach (string line in lines) WriteLine(ctx, line);
        WriteLine(ctx, "HELP");
        WriteLine(ctx, "    Print this help.");
    }

    private static void WriteLine(CommandContext ctx, string line) => ctx.Reply.SimpleString(Encoding.UTF8.GetBytes(line));
}

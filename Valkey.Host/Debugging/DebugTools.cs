// What DEBUG can do: tools by name, so that persistence, replication and others can add theirs.
// Holds always: every tool replies exactly once. Command thread only.

using System.Text;
using Valkey.Host.Commands;
using Valkey.Host.Keyspace;

namespace Valkey.Host.Debugging;

/// <summary>One tool. Arguments are counted without DEBUG and the tool's name.</summary>
internal sealed record DebugTool(string Name, int ArgumentsMin, int ArgumentsMax, Action<HostContext> Run, params string[] Help);

internal sealed class DebugTools
{
    private readonly SortedDictionary<string, DebugTool> _byName = new(StringComparer.OrdinalIgnoreCase);

    public DebugTools(Server server)
    {
        KeyspaceTools.AddTo(this);
        DigestTools.AddTo(this);
        CrashTools.AddTo(this, server);
        ServerTools.AddTo(this);
        AllocatorTools.AddTo(this);
        SnapshotTools.AddTo(this);
        DurabilityTools.AddTo(this);
    }

    /// <summary>Adds a tool; the name must be new. Disposing the result takes it out.</summary>
    public IDisposable Add(DebugTool tool)
    {
        _byName.Add(tool.Name, tool);
        return new Registration(() => _byName.Remove(tool.Name));
    }

    /// <summary>Runs the tool that the command names.</summary>
    public void Run(HostContext context)
    {
        int count = context.ArgumentCount - 2;
        string name = Encoding.UTF8.GetString(context.Argument(1));
        if (count == 0 && name.Equals("help", StringComparison.OrdinalIgnoreCase))
        {
            WriteHelp(context);
            return;
        }

        if (_byName.TryGetValue(name, out DebugTool? tool) && count >= tool.ArgumentsMin && count <= tool.ArgumentsMax)
            tool.Run(context);
        else
            ReplyUnknown(context);
    }

    /// <summary>Replies that this subcommand, with these arguments, does not exist.</summary>
    public static void ReplyUnknown(HostContext context)
    {
        string name = Encoding.UTF8.GetString(context.Argument(1));
        if (name.Length > 128) name = name[..128];
        context.Reply.Error($"ERR unknown subcommand or wrong number of arguments for '{name}'. Try DEBUG HELP.");
    }

    /// <summary>The number at the start of an argument, 0 when there is none: what 0|1 switches take.</summary>
    public static int LooseInteger(ReadOnlySpan<byte> text) =>
        System.Buffers.Text.Utf8Parser.TryParse(text, out int value, out int _) ? value : 0;

    private void WriteHelp(HostContext context)
    {
        List<string> lines = [];
        foreach (DebugTool tool in _byName.Values) lines.AddRange(tool.Help);
        HelpReply.Write(context, "DEBUG", lines.ToArray());
    }
}

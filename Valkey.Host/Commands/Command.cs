// A command as the server keeps it: its definition, its place in the tree of containers and subcommands, its statistics.

using System.Text;
using Valkey.Abstractions;
using Valkey.Host.Observability;

namespace Valkey.Host.Commands;

internal sealed class Command
{
    public Command(CommandDefinition definition, string owner, Command? parent)
    {
        Definition = definition;
        Owner = owner;
        Parent = parent;
        Name = definition.Name;
        ShortNameBytes = Encoding.UTF8.GetBytes(parent is null ? Name : Name[(Name.IndexOf('|') + 1)..]);
        ClientNameBytes = ShortNameBytes;
        IsTransactionControl = Name is "exec" or "discard" or "multi" or "watch" or "quit" or "reset";
        IsExec = Name == "exec";
        IsPing = Name == "ping";
        IsSelect = Name == "select";
        IsForSubscribers = Name is "ping" or "quit" or "reset" or "subscribe" or "unsubscribe" or "psubscribe" or "punsubscribe"
            or "ssubscribe" or "sunsubscribe";
        RepliesByPush = IsForSubscribers && Name is not ("ping" or "quit" or "reset");
        TellsOfAllKeys = Name is "dbsize" or "keys" || (definition.Flags & CommandFlags.TouchesArbitraryKeys) != 0;
        Flags = definition.Flags;
        Arity = definition.Arity;
        Handler = definition.Handler;
        (FirstKey, LastKey, KeyStep, bool movable) = LegacyKeys.Of(definition);
        if (movable) Flags |= CommandFlags.MovableKeys;
    }

    public CommandDefinition Definition { get; private set; }

    /// <summary>The plugin that brought it; <c>core</c> for the host's own.</summary>
    public string Owner { get; }

    /// <summary>The container, for a subcommand.</summary>
    public Command? Parent { get; }

    /// <summary><c>get</c>, <c>client|list</c>.</summary>
    public string Name { get; }

    /// <summary>The last part of the name.</summary>
    public byte[] ShortNameBytes { get; }

    /// <summary>The name that clients use: another one after rename-command.</summary>
    public byte[] ClientNameBytes { get; set; }

    /// <summary>Runs at once inside MULTI instead of being queued.</summary>
    public bool IsTransactionControl { get; }

    /// <summary>EXEC, which answers for all that is queued.</summary>
    public bool IsExec { get; }

    /// <summary>PING, by which supervisors ask whether all is well.</summary>
    public bool IsPing { get; }

    /// <summary>SELECT, behind which a transaction's keys are those of another database.</summary>
    public bool IsSelect { get; }

    /// <summary>A subscriber may run it in RESP2, where it cannot tell replies from messages.</summary>
    public bool IsForSubscribers { get; }

    /// <summary>Its answer is a push, which CLIENT REPLY does not hold back.</summary>
    public bool RepliesByPush { get; }

    /// <summary>Its reply tells something about keys that it does not name: which there are, or how many.</summary>
    public bool TellsOfAllKeys { get; }

    public CommandFlags Flags { get; }

    public int Arity { get; }

    public CommandHandler? Handler { get; private set; }

    /// <summary>First, last key and step as COMMAND INFO prints them; 0 for none.</summary>
    public int FirstKey { get; }

    public int LastKey { get; }

    public int KeyStep { get; }

    /// <summary>Subcommands by name; null when this is no container.</summary>
    public CommandNameTable? Subcommands { get; private set; }

    public long Calls;
    public long DurationTicks;
    public long RejectedCalls;
    public long FailedCalls;
    public LatencyHistogram? Latency;

    public bool Has(CommandFlags flags) => (Flags & flags) != 0;

    public bool AcceptsArgumentCount(int count) => Arity >= 0 ? count == Arity : count >= -Arity;

    public void AddSubcommand(Command subcommand) => (Subcommands ??= new CommandNameTable()).Add(subcommand.ShortNameBytes, subcommand);

    public void RemoveSubcommand(Command subcommand)
    {
        Subcommands?.Remove(subcommand.ShortNameBytes);
        if (Subcommands is { Count: 0 }) Subcommands = null;
    }

    /// <summary>
    /// Lets go of the code of whoever brought it. Clients remember their last command, and a transaction may have queued it
    /// before its module left: then it answers with an error.
    /// </summary>
    public void Retire()
    {
        string error = $"ERR the command '{Name}' is gone: {Owner} was unloaded";
        Handler = ctx => ctx.Reply.Error(error);
        Definition = new CommandDefinition
        {
            Name = Name,
            Arity = Arity,
            Flags = Flags,
            Categories = Definition.Categories,
            Group = Definition.Group,
            Since = Definition.Since,
            Handler = Handler,
        };
    }

    public void ResetStatistics()
    {
        Calls = DurationTicks = RejectedCalls = FailedCalls = 0;
        Latency = null;
        if (Subcommands is null) return;
        foreach (Command subcommand in Subcommands.All) subcommand.ResetStatistics();
    }
}

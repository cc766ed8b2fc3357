// The commands that the host brings itself. Everything about values comes from plugins.

using Valkey.Abstractions;
using Valkey.Host.Clients;
using Valkey.Host.Connections;
using Valkey.Host.Debugging;
using Valkey.Host.Keyspace;
using Valkey.Host.Observability;
using Valkey.Host.Plugins;
using Valkey.Host.Transactions;

namespace Valkey.Host.Commands;

internal sealed class CoreCommands(CommandTable table) : ICommandRegistry
{
    /// <summary>Owner of the host's own commands.</summary>
    public const string Owner = "core";

    public void Add(CommandDefinition definition) => table.Add(definition, Owner);

    /// <summary>Adds all of them.</summary>
    public void RegisterAll()
    {
        ConnectionCommands.Register(this);
        ClientCommands.Register(this);
        TransactionCommands.Register(this);
        KeyCommands.Register(this);
        RenameCommands.Register(this);
        CopyCommand.Register(this);
        ScanCommands.Register(this);
        FlushCommands.Register(this);
        ExpireCommands.Register(this);
        TtlCommands.Register(this);
        ObjectCommands.Register(this);
        MemoryCommands.Register(this);
        DebugCommand.Register(this);
        CommandCommands.Register(this);
        ServerCommands.ConfigCommands.Register(this);
        InfoCommands.Register(this);
        CommandLogCommands.Register(this);
        LatencyCommands.Register(this);
        ServerCommands.ServerCommands.Register(this);
        Snapshots.SnapshotCommands.Register(this);
        ModuleCommands.Register(this);
    }
}

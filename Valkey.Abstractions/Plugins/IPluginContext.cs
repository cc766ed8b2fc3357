// What a plugin is given while it loads. Everything registered here is remembered under the plugin's name and taken back
// when it is unloaded, so a plugin keeps no list of its own.

namespace Valkey.Abstractions;

/// <summary>The server as a plugin sees it. Valid from <see cref="IValkeyPlugin.Load"/> until the plugin is unloaded.</summary>
public interface IPluginContext
{
    /// <summary>The arguments behind the path in <c>loadmodule</c> or <c>MODULE LOAD</c>; empty for what lies in <c>plugins/</c>.</summary>
    IReadOnlyList<string> Arguments { get; }

    /// <summary>The folder that the plugin's assembly was loaded from.</summary>
    string Directory { get; }

    /// <summary>Commands.</summary>
    ICommandRegistry Commands { get; }

    /// <summary>Key types.</summary>
    IDataTypeRegistry DataTypes { get; }

    /// <summary>Configuration options, served by CONFIG GET/SET/REWRITE, the file and the command line.</summary>
    IOptionRegistry Options { get; }

    /// <summary>Sections of INFO.</summary>
    IInfoRegistry Info { get; }

    /// <summary>Ways to listen and to connect.</summary>
    ITransportRegistry Transports { get; }

    /// <summary>Ways to take a snapshot.</summary>
    IPersistenceRegistry Persistence { get; }

    /// <summary>Who must confirm a write before it counts as durable.</summary>
    IDurabilityRegistry Durability { get; }

    /// <summary>Where executed writes go.</summary>
    IPropagationRegistry Propagation { get; }

    /// <summary>The server as a whole: its end, refused writes.</summary>
    IServerControl Server { get; }

    /// <summary>Key events.</summary>
    IKeyspaceEvents Events { get; }

    /// <summary>The clients.</summary>
    IClients Clients { get; }

    /// <summary>Commands run as the server.</summary>
    ICommandCalls Calls { get; }

    /// <summary>The dataset, for code that runs outside of a command (timers, completed background work).</summary>
    IKeyspace Keyspace { get; }

    /// <summary>Callbacks on the command thread at a time.</summary>
    ITimers Timers { get; }

    /// <summary>Work on the server's helper threads.</summary>
    IBackgroundWork Background { get; }

    /// <summary>The server's log; lines carry the plugin's name.</summary>
    ILog Log { get; }
}

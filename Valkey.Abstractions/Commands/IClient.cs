namespace Valkey.Abstractions;

/// <summary>The client that a command came from. Command thread only. Do not keep it, as a client may be gone
/// the next moment, unless <see cref="IClients.AddState"/> tells you when.</summary>
public interface IClient
{
    /// <summary>Unique and ever growing.</summary>
    long Id { get; }

    /// <summary>The name given by CLIENT SETNAME, or empty.</summary>
    string Name { get; }

    /// <summary>2 or 3.</summary>
    int ProtocolVersion { get; }

    /// <summary>The user that it authenticated as.</summary>
    string UserName { get; }

    /// <summary>The peer's address as CLIENT LIST prints it, or empty for a client of the server's own.</summary>
    string Address { get; }

    /// <summary>It connected from this machine, or is a client of the server's own.</summary>
    bool IsLocal { get; }

    /// <summary>Inside EXEC or a script, where blocking is not possible.</summary>
    bool DeniesBlocking { get; }

    /// <summary>Runs a command of its transaction, inside EXEC.</summary>
    bool IsExecutingTransaction => false;

    /// <summary>It has subscriptions (<see cref="IClients.SetSubscriptions"/>).</summary>
    bool IsSubscriber => false;

    /// <summary>It is closed or on its way to be: nothing more will be sent to it.</summary>
    bool IsClosing => false;
}

// Values whose items have a time to live of their own, as the fields of hashes do. The host keeps the keys of such values in
// a table and goes through it in slices of time; what an item is, and which of them are over, only the type knows.

namespace Valkey.Abstractions;

/// <summary>A <see cref="DataType"/> whose items may expire.</summary>
/// <remarks>
/// The type says which entries have such items: by <c>Entry.HasExpiringItems</c> of those that it makes for
/// <see cref="DataType.Load"/> and <see cref="DataType.Copy"/>, by <see cref="CommandContext.SetHasExpiringItems"/> later.
/// </remarks>
public interface IExpiringItemsType
{
    /// <summary>The event that tells that items of a key have expired: <c>hexpired</c>.</summary>
    ReadOnlySpan<byte> ExpiredEventName { get; }

    /// <summary>Whether items are left that will expire.</summary>
    bool HasExpiringItems(in StoredValue value);

    /// <summary>
    /// Takes out items whose time is over, and propagates their deletion as one command. The host announces the event,
    /// deletes a value that was left empty, and counts. Command thread, outside of commands.
    /// </summary>
    /// <param name="value">The value, which may be changed in place but keeps its encoding and payload.</param>
    /// <param name="key">Its key.</param>
    /// <param name="expiry">The moment, and where the deletion is propagated.</param>
    /// <param name="countMax">How many at most.</param>
    /// <returns>How many were taken out.</returns>
    int ExpireItems(in StoredValue value, ReadOnlySpan<byte> key, IItemExpiry expiry, int countMax);
}

/// <summary>What a type needs to know to expire items.</summary>
public interface IItemExpiry
{
    /// <summary>The moment: items that expire before it are over. Milliseconds since 1970.</summary>
    long NowUnixMs { get; }

    /// <summary>False when no sink wants what is propagated.</summary>
    bool PropagationWanted { get; }

    /// <summary>Propagates a command. Arguments are copied.</summary>
    void Propagate(params ReadOnlySpan<PropagatedArgument> arguments);
}

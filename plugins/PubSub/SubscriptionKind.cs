namespace Valkey.PubSub;

/// <summary>What one can subscribe to.</summary>
internal enum SubscriptionKind
{
    /// <summary>A channel.</summary>
    Channel,

    /// <summary>All channels whose names fit a glob pattern.</summary>
    Pattern,

    /// <summary>A channel that belongs to a slot, as a key does.</summary>
    ShardChannel,
}

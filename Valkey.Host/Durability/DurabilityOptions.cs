// How much may wait for durability before the clients concerned are not read any more.

using Valkey.Abstractions;

namespace Valkey.Host.Durability;

/// <summary>The options of reply blocking.</summary>
internal sealed class DurabilityOptions
{
    private const long DefaultClientBytes = 16L << 20;
    private const long DefaultTotalBytes = 256L << 20;
    private const long SmallestBytes = 1024;

    /// <summary>Bytes of replies that may wait for one client.</summary>
    public IntegerOption ClientBytesMax { get; } = Limit("reply-blocking-client-limit", DefaultClientBytes);

    /// <summary>Bytes of replies and messages that may wait for all clients together.</summary>
    public IntegerOption TotalBytesMax { get; } = Limit("reply-blocking-total-limit", DefaultTotalBytes);

    /// <summary>All of them.</summary>
    public ConfigOption[] All => [ClientBytesMax, TotalBytesMax];

    private static IntegerOption Limit(string name, long defaultBytes) =>
        new(name, defaultBytes, SmallestBytes, long.MaxValue, NumberKind.Memory) { Flags = OptionFlags.Hidden };
}

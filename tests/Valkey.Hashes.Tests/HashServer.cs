// The server of the tests of hashes: its commands, a clock, and what concerns the expiry of fields.

using Valkey.Abstractions;
using Valkey.Structures;
using Valkey.TypeTests;

namespace Valkey.Hashes.Tests;

internal sealed class HashServer : TypeServer
{
    public HashServer(int protocolVersion = 2, ReplyWriter? quietWriter = null)
        : base(HashType.Descriptor, protocolVersion, quietWriter)
    {
        HashSetCommands.Register(Commands);
        HashGetCommands.Register(Commands);
        HashDeleteCommands.Register(Commands);
        HashCounterCommands.Register(Commands);
        HashRandomCommand.Register(Commands);
        HashScanCommand.Register(Commands);
        FieldExpireCommands.Register(Commands);
        FieldTtlCommands.Register(Commands);
        HashGetExCommand.Register(Commands);
        HashSetExCommand.Register(Commands);
    }

    /// <summary>The clock stands still until it is told to go on.</summary>
    public long Now { get; set; } = 1_000_000;

    /// <summary>Fields that were counted as expired.</summary>
    public long ExpiredCount { get; private set; }

    /// <summary>Whether expiry is somebody else's business, as on a replica for what its primary sends.</summary>
    public bool IsFollower { get; set; }

    public override long NowUnixMs => Now;

    public override long ItemExpiryNowUnixMs => IsFollower ? long.MinValue : Now;

    public override bool IsReplaying => IsFollower;

    /// <summary>Name, value and expiry of all fields, sorted.</summary>
    public List<string> Fields(string key)
    {
        List<string> fields = [];
        KeyEntry entry = LookupRead(Bytes(key));
        if (!entry.Exists) return fields;
        FieldWalk walk = HashView.Of(entry).Walk(long.MinValue);
        byte[] scratch = new byte[IntegerText.LengthMax];
        while (walk.MoveNext())
        {
            fields.Add($"{Name(walk.Name.Text(scratch))}={Name(walk.Value.Text(scratch))}@{walk.ExpireAtUnixMs}");
        }

        fields.Sort(StringComparer.Ordinal);
        return fields;
    }

    /// <summary>Whether the database would look for expiring fields of this key.</summary>
    public bool IsTracked(string key) => new Entry(LookupRead(Bytes(key)).Address).HasExpiringItems;

    public override bool IsExpiredAlready(long expireAtUnixMs) => !IsFollower && expireAtUnixMs <= Now;

    public override void SetHasExpiringItems(KeyEntry entry, bool hasExpiringItems)
    {
        Entry changed = new(entry.Address);
        changed.HasExpiringItems = hasExpiringItems;
    }

    public override void CountExpiredItems(long count) => ExpiredCount += count;

    protected override void Forget() => ExpiredCount = 0;
}

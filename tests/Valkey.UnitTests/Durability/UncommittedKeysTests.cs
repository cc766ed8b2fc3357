// Keys that are not durable, against a plain dictionary.

using Valkey.Host.Durability;
using Valkey.Structures;
using Valkey.UnitTests.Clients;
using Xunit;

namespace Valkey.UnitTests.Durability;

public sealed class UncommittedKeysTests
{
    private const int DatabaseCount = 3;

    [Fact]
    public void A_key_waits_for_the_offset_of_its_last_change() => Seeded.Check(300, random =>
    {
        using UncommittedKeys keys = new(DatabaseCount);
        Dictionary<(int, ulong), long> model = [];
        long[] whole = new long[DatabaseCount];
        long offset = 0, committed = 0;
        for (int round = random.Next(1, 300); round > 0; round--)
        {
            if (random.Next(3) == 0)
            {
                committed = random.NextInt64(committed, offset + 1);
                keys.DropCommitted(committed);
            }
            else
            {
                offset += random.Next(1, 100);
                Change(random, keys, model, whole, offset);
            }

            int databaseIndex = random.Next(DatabaseCount);
            ulong key = (ulong)random.Next(40);
            long expected = Math.Max(model.GetValueOrDefault((databaseIndex, key)), whole[databaseIndex]);
            long actual = keys.OffsetOf(databaseIndex, key);
            Assert.Equal(expected > committed, actual > committed);
            if (expected > committed) Assert.Equal(expected, actual);
        }

        keys.DropCommitted(offset);

        Assert.Equal(0, keys.Count);
    });

    [Fact]
    public void While_its_command_runs_a_key_waits_for_ever_and_then_for_the_command_s_offset()
    {
        using UncommittedKeys keys = new(DatabaseCount);

        keys.Mark(0, 1);
        keys.NoteSeen(0, 1);
        long during = keys.SeenOffset;
        keys.Settle(50);
        keys.SeenOffset = 0;
        keys.NoteSeen(0, 1);

        Assert.Equal(long.MaxValue, during);
        Assert.Equal(50, keys.SeenOffset);
        Assert.Equal(0, keys.OffsetOf(1, 1)); // the key of that name in another database
    }

    [Fact]
    public void All_keys_of_a_database_wait_for_what_was_changed_last_in_it()
    {
        using UncommittedKeys keys = new(DatabaseCount);
        keys.Mark(2, 7);
        keys.Settle(10);
        keys.Mark(1, 8);
        keys.Settle(20);

        keys.NoteDatabaseSeen(2);

        Assert.Equal(10, keys.SeenOffset);
    }

    [Fact]
    public void A_key_that_is_written_again_and_again_takes_the_place_of_one()
    {
        using UncommittedKeys keys = new(DatabaseCount);
        keys.Mark(0, 1);
        keys.Settle(1);
        long sizeBytes = keys.SizeBytes;
        for (int offset = 2; offset < 10_000; offset++)
        {
            keys.Mark(0, 1);
            keys.Settle(offset);
        }

        Assert.Equal(1, keys.Count);
        Assert.Equal(sizeBytes, keys.SizeBytes);
    }

    [Fact]
    public void All_memory_comes_back()
    {
        long before = NativeHeap.UsedBytes;
        UncommittedKeys keys = new(DatabaseCount);
        for (ulong key = 0; key < 5_000; key++) keys.Mark(0, KeyHash.Of(BitConverter.GetBytes(key)));
        keys.Settle(9);

        keys.DropCommitted(9);
        keys.Dispose();

        Assert.Equal(0, keys.SizeBytes);
        Assert.True(NativeHeap.UsedBytes - before < 1_000_000); // other tests run beside this one
    }

    private static void Change(Random random, UncommittedKeys keys, Dictionary<(int, ulong), long> model, long[] whole, long offset)
    {
        for (int i = random.Next(1, 6); i > 0; i--)
        {
            int databaseIndex = random.Next(DatabaseCount);
            ulong key = (ulong)random.Next(40);
            if (random.Next(12) == 0)
            {
                keys.MarkDatabase(databaseIndex);
                whole[databaseIndex] = offset;
            }
            else
            {
                keys.Mark(databaseIndex, key);
                model[(databaseIndex, key)] = offset;
            }
        }

        keys.Settle(offset);
    }
}

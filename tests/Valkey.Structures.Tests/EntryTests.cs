using Xunit;

namespace Valkey.Structures.Tests;

public sealed class EntryTests
{
    private static readonly int[] s_keyLengths = [0, 1, 16, 254, 255, 256, 70_000];
    private static readonly int[] s_valueLengths = [0, 1, 44, 64, 255];

    [Fact]
    public void A_16_byte_key_with_a_64_byte_value_takes_88_bytes()
    {
        Entry entry = Entry.CreateEmbedded(new byte[16], 0, 1, new byte[64]);

        Assert.Equal((nuint)88, entry.SizeBytes);
        entry.FreeShell();
    }

    [Fact]
    public void Every_combination_of_parts_keeps_what_was_put_in() => ForEveryShape((random, key, value, expireAt) =>
    {
        using MemoryBalance balance = new();
        Entry entry = Make(key, value, expireAt, typeId: 7, encoding: 11, payload: -5, clock: 0xABCDEF);
        entry.HostBits = 0x5A;
        entry.Epoch = 77;

        AssertIs(entry, key, value, expireAt, 7, 11, -5, 0xABCDEF);
        Assert.Equal(0x5A, entry.HostBits);
        Assert.Equal(Entry.ReserveEpochs ? 77u : 0u, entry.Epoch);
        Assert.Equal(NativeHeap.UsableSize(entry.SizeBytes), entry.MemoryBytes);
        entry.FreeShell();
    });

    [Fact]
    public void Changing_one_field_leaves_all_others_alone() => ForEveryShape((random, key, value, expireAt) =>
    {
        Entry entry = Make(key, value, expireAt, typeId: 255, encoding: 15, payload: long.MaxValue, clock: 0xFFFFFF);
        entry.HostBits = 0xFF;

        entry.AccessClock = 0x123456;
        AssertIs(entry, key, value, expireAt, 255, 15, long.MaxValue, 0x123456);
        Assert.Equal(0xFF, entry.HostBits);

        entry.HostBits = 1;
        entry.Encoding = 3;
        AssertIs(entry, key, value, expireAt, 255, 3, long.MaxValue, 0x123456);

        if (value == null)
        {
            entry.Payload = long.MinValue;
            AssertIs(entry, key, value, expireAt, 255, 3, long.MinValue, 0x123456);
        }

        if (expireAt != Entry.NoExpiry)
        {
            Assert.True(entry.TrySetExpiry(42));
            Assert.Equal(42, entry.ExpireAtUnixMs);
            Assert.True(entry.TrySetExpiry(Entry.NoExpiry));
            Assert.False(entry.HasExpiry);
            Assert.True(entry.HasExpirySlot);
            AssertIs(entry, key, value, Entry.NoExpiry, 255, 3, value == null ? long.MinValue : 0, 0x123456);
        }

        entry.FreeShell();
    });

    [Fact]
    public void An_entry_without_room_gets_an_expiry_by_moving() => ForEveryShape((random, key, value, expireAt) =>
    {
        using MemoryBalance balance = new();
        Entry entry = Make(key, value, expireAt, typeId: 1, encoding: 2, payload: 99, clock: 5);
        entry.HostBits = 9;
        bool fits = expireAt != Entry.NoExpiry;
        Assert.Equal(fits, entry.TrySetExpiry(1234));

        Entry moved = entry.WithExpiry(5678);

        AssertIs(moved, key, value, 5678, 1, 2, 99, 5);
        Assert.Equal(9, moved.HostBits);
        Assert.Equal(moved, moved.WithExpiry(Entry.NoExpiry));
        moved.FreeShell();
    });

    [Fact]
    public void A_renamed_entry_takes_everything_along() => ForEveryShape((random, key, value, expireAt) =>
    {
        foreach (int newLength in s_keyLengths)
        {
            using MemoryBalance balance = new();
            byte[] newKey = Seeded.Bytes(random, newLength);
            Entry entry = Make(key, value, expireAt, typeId: 3, encoding: 4, payload: 123, clock: 0x010203);
            entry.HostBits = 200;
            entry.Epoch = 31;

            Entry copy = entry.CopyShell(newKey);
            Entry renamed = entry.WithKey(newKey);

            AssertIs(copy, newKey, value, expireAt, 3, 4, 123, 0x010203);
            AssertIs(renamed, newKey, value, expireAt, 3, 4, 123, 0x010203);
            Assert.Equal(200, renamed.HostBits);
            Assert.Equal(Entry.ReserveEpochs ? 31u : 0u, renamed.Epoch);
            copy.FreeShell();
            renamed.FreeShell();
        }
    });

    [Fact]
    public void An_embedded_value_is_overwritten_in_place_exactly_within_the_size_class() =>
        ForEveryShape((random, key, value, expireAt) =>
        {
            for (int newLength = 0; newLength <= 256; newLength += random.Next(1, 9))
            {
                using MemoryBalance balance = new();
                byte[] newValue = Seeded.Bytes(random, newLength);
                Entry entry = Make(key, value, expireAt, typeId: 3, encoding: 4, payload: 123, clock: 1);
                bool expected = value != null && newLength <= Entry.EmbeddedMax
                    && NativeHeap.UsableSize(entry.SizeBytes - (nuint)value.Length + (nuint)newLength) == entry.MemoryBytes;

                bool done = entry.TryOverwriteEmbedded(5, 6, newValue);

                Assert.Equal(expected, done);
                if (done) AssertIs(entry, key, newValue, expireAt, 5, 6, 0, 1);
                else AssertIs(entry, key, value, expireAt, 3, 4, 123, 1);
                entry.FreeShell();
            }
        });

    [Fact]
    public void A_value_may_be_overwritten_by_a_part_of_itself()
    {
        Entry entry = Entry.CreateEmbedded("key"u8, 0, 1, "abcdefgh"u8);

        Assert.True(entry.TryOverwriteEmbedded(0, 1, entry.EmbeddedValue[2..]));

        Assert.Equal("cdefgh"u8, entry.EmbeddedValue);
        entry.FreeShell();
    }

    [Fact]
    public void A_value_past_255_bytes_is_not_embedded()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Entry.CreateEmbedded("key"u8, 0, 1, new byte[256]));
    }

    private static Entry Make(
        byte[] key, byte[]? value, long expireAt, byte typeId, byte encoding, long payload, uint clock) =>
        value == null
            ? Entry.CreateWithPayload(key, typeId, encoding, payload, expireAt, clock)
            : Entry.CreateEmbedded(key, typeId, encoding, value, expireAt, clock);

    private static void AssertIs(
        Entry entry, byte[] key, byte[]? value, long expireAt, byte typeId, byte encoding, long payload, uint clock)
    {
        Assert.Equal(key.Length, entry.KeyLength);
        Assert.True(entry.Key.SequenceEqual(key));
        Assert.Equal(typeId, entry.TypeId);
        Assert.Equal(encoding, entry.Encoding);
        Assert.Equal(clock, entry.AccessClock);
        Assert.Equal(expireAt, entry.ExpireAtUnixMs);
        Assert.Equal(expireAt != Entry.NoExpiry, entry.HasExpiry);
        Assert.Equal(value != null, entry.IsEmbedded);
        if (value == null) Assert.Equal(payload, entry.Payload);
        else Assert.True(entry.EmbeddedValue.SequenceEqual(value));
    }

    private static void ForEveryShape(Action<Random, byte[], byte[]?, long> check) => Seeded.Check(2, random =>
    {
        foreach (bool withEpoch in new[] { false, true })
        {
            Entry.ReserveEpochs = withEpoch;
            try
            {
                foreach (int keyLength in s_keyLengths)
                {
                    byte[] key = Seeded.Bytes(random, keyLength);
                    long expireAt = random.NextInt64(1L << 45);
                    check(random, key, null, Entry.NoExpiry);
                    check(random, key, null, expireAt);
                    foreach (int valueLength in s_valueLengths)
                    {
                        check(random, key, Seeded.Bytes(random, valueLength), Entry.NoExpiry);
                        check(random, key, Seeded.Bytes(random, valueLength), expireAt);
                    }
                }
            }
            finally
            {
                Entry.ReserveEpochs = false;
            }
        }
    });
}

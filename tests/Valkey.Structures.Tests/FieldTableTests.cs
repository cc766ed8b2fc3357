using System.Text;
using Xunit;

namespace Valkey.Structures.Tests;

public sealed class FieldTableTests
{
    private const int Now = 1_000;

    [Fact]
    public void The_table_behaves_like_a_dictionary_with_expiring_entries() => Seeded.Check(8, random =>
    {
        using MemoryBalance balance = new();
        using HashUnderTest subject = new();
        int fieldCount = random.Next(1, 3_000);
        int addPercent = random.Next(20, 70);
        for (int i = 0; i < 15_000; i++) subject.Step(random, fieldCount, addPercent);
        subject.AssertMatchesModel();

        FieldTable copy = subject.Table.Copy();
        subject.AssertMatchesModel(copy);
        copy.Free();
        subject.AssertMatchesModel();
    });

    [Fact]
    public void Expired_fields_are_taken_out_oldest_first_and_no_others() => Seeded.Check(8, random =>
    {
        using MemoryBalance balance = new();
        using HashUnderTest subject = new();
        for (int i = 0; i < 4_000; i++) subject.Step(random, fieldCount: 2_000, addPercent: 90);
        Span<nint> taken = stackalloc nint[32];
        long expectedCount = subject.Model.Values.Count(field => field.ExpireAt is >= 0 and < Now);
        long lastExpireAt = -1;
        long takenCount = 0;

        for (int count = taken.Length; count == taken.Length;)
        {
            count = subject.Table.TakeExpired(Now, taken);
            foreach (nint address in taken[..count])
            {
                HashField field = new(address);
                Assert.InRange(field.ExpireAtUnixMs, lastExpireAt, Now - 1);
                lastExpireAt = field.ExpireAtUnixMs;
                Assert.True(subject.Model.Remove(Name(field.Name)));
                field.Free();
                takenCount++;
            }
        }

        Assert.Equal(expectedCount, takenCount);
        Assert.True(subject.Table.NextExpiryUnixMs >= Now);
        subject.AssertMatchesModel();
    });

    [Fact]
    public void A_field_whose_time_is_over_is_not_found_and_still_counts()
    {
        using MemoryBalance balance = new();
        using HashUnderTest subject = new();
        subject.Set("f"u8, "v"u8, Now);

        Assert.False(subject.Table.Find("f"u8, Now).IsNull);
        Assert.True(subject.Table.Find("f"u8, Now + 1).IsNull);
        Assert.Equal(1, subject.Table.Count);
        Assert.False(subject.Table.TryAdd("f"u8, "other"u8));
    }

    [Fact]
    public void Without_expiring_fields_nothing_is_kept_for_them()
    {
        using MemoryBalance balance = new();
        using HashUnderTest subject = new();
        subject.Set("f"u8, "v"u8, HashField.NoExpiry);
        long before = subject.Table.TableMemoryBytes;

        subject.Set("f"u8, "v"u8, Now);
        Assert.True(subject.Table.HasExpiring);
        Assert.Equal(Now, subject.Table.NextExpiryUnixMs);
        subject.Set("f"u8, "v"u8, HashField.NoExpiry);

        Assert.False(subject.Table.HasExpiring);
        Assert.Equal(long.MaxValue, subject.Table.NextExpiryUnixMs);
        Assert.Equal(before, subject.Table.TableMemoryBytes);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(10, 20)]
    [InlineData(254, 255)]
    [InlineData(255, 256)]
    [InlineData(70_000, 70_000)]
    public void A_field_keeps_name_value_and_expiry_through_every_change(int nameLength, int valueLength)
    {
        using MemoryBalance balance = new();
        byte[] name = Seeded.Bytes(new Random(1), nameLength);
        byte[] value = Seeded.Bytes(new Random(2), valueLength);

        HashField field = HashField.Create(name, "first"u8);
        field = field.WithValue(value).WithExpiry(5).WithValue("short"u8).WithExpiry(HashField.NoExpiry).WithExpiry(77).WithValue(value);

        Assert.True(field.Name.SequenceEqual(name));
        Assert.True(field.Value.SequenceEqual(value));
        Assert.Equal(77, field.ExpireAtUnixMs);
        Assert.Equal(valueLength > HashField.EmbeddedMax, field.TryGetBlob(out _));
        field.Free();
    }

    [Fact]
    public void A_value_that_a_reply_holds_is_not_overwritten()
    {
        using MemoryBalance balance = new();
        HashField field = HashField.Create("f"u8, new byte[1_000]);
        Assert.True(field.TryGetBlob(out Blob held));
        held.AddReference();

        field = field.WithValue(Enumerable.Repeat((byte)1, 1_000).ToArray());

        Assert.Equal(0, held.Span[0]);
        Assert.Equal(1, field.Value[0]);
        held.Release();
        field.Free();
    }

    [Fact]
    public void A_field_of_10_bytes_with_a_value_of_20_takes_33_bytes_and_12_more_when_it_expires()
    {
        HashField field = HashField.Create(new byte[10], new byte[20]);
        Assert.Equal(33u, field.SizeBytes);
        field = field.WithExpiry(1);
        Assert.Equal(45u, field.SizeBytes);
        field.Free();
    }

    [Fact]
    public void Moved_fields_are_found_and_expire_as_before()
    {
        using MemoryBalance balance = new();
        using HashUnderTest subject = new();
        Random random = new(5);
        for (int i = 0; i < 2_000; i++) subject.Step(random, fieldCount: 1_000, addPercent: 90);

        subject.Table.MoveFields(default(Mover));

        subject.AssertMatchesModel();
    }

    private static string Name(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    /// <summary>Puts every second block elsewhere.</summary>
    private readonly unsafe struct Mover : IFieldMover
    {
        public nint Move(nint address, nuint sizeBytes)
        {
            if (address / 16 % 2 == 0) return address;
            nint moved = NativeHeap.Allocate(sizeBytes);
            Buffer.MemoryCopy((void*)address, (void*)moved, sizeBytes, sizeBytes);
            NativeHeap.Free(address, sizeBytes);
            return moved;
        }
    }

    private sealed class HashUnderTest : IDisposable
    {
        public FieldTable Table { get; } = FieldTable.Create();

        public Dictionary<string, (string Value, long ExpireAt)> Model { get; } = [];

        public void Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, long expireAt)
        {
            if (Table.TryFindPlace(name, out FieldPlace place)) Table.Update(in place, value, expireAt);
            else Table.Add(in place, name, value, expireAt);
            Model[Name(name)] = (Name(value), expireAt);
        }

        public void Step(Random random, int fieldCount, int addPercent)
        {
            byte[] name = Encoding.ASCII.GetBytes($"field:{random.Next(fieldCount)}");
            long expireAt = random.Next(3) == 0 ? random.Next(2 * Now) : HashField.NoExpiry;
            if (random.Next(100) < addPercent)
            {
                Set(name, Seeded.Bytes(random, random.Next(10) == 0 ? random.Next(600) : random.Next(30)), expireAt);
                return;
            }

            bool isThere = Model.TryGetValue(Name(name), out (string Value, long ExpireAt) known);
            Assert.Equal(isThere, Table.TryFindPlace(name, out FieldPlace place));
            if (!isThere) return;
            if (random.Next(2) == 0)
            {
                Table.SetExpiry(in place, expireAt);
                Model[Name(name)] = (known.Value, expireAt);
                return;
            }

            Table.Remove(in place);
            Model.Remove(Name(name));
        }

        public void AssertMatchesModel() => AssertMatchesModel(Table);

        public void AssertMatchesModel(FieldTable table)
        {
            Assert.Equal(Model.Count, table.Count);
            Assert.Equal(Model.Values.Count(field => field.ExpireAt >= 0), table.ExpiringCount);
            long next = Model.Values.Where(field => field.ExpireAt >= 0).Select(field => field.ExpireAt).DefaultIfEmpty(long.MaxValue).Min();
            Assert.Equal(next, table.NextExpiryUnixMs);
            int walked = 0;
            foreach (nint address in table)
            {
                HashField field = new(address);
                Assert.Equal(Model[Name(field.Name)], (Name(field.Value), field.ExpireAtUnixMs));
                Assert.Equal(field, table.Find(field.Name, long.MinValue));
                walked++;
            }

            Assert.Equal(Model.Count, walked);
        }

        public void Dispose() => Table.Free();
    }
}

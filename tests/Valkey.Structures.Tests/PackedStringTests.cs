using Xunit;

namespace Valkey.Structures.Tests;

public sealed class PackedStringTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(254, 255)]
    [InlineData(255, 260)]
    [InlineData(100_000, 100_005)]
    public void Bytes_of_any_length_come_back(int length, int sizeBytes)
    {
        using MemoryBalance balance = new();
        byte[] bytes = Seeded.Bytes(new Random(length), length);
        PackedString text = PackedString.Create(bytes);

        Assert.Equal(bytes, text.Span.ToArray());
        Assert.Equal((nuint)sizeBytes, text.SizeBytes);
        Assert.Equal(NativeHeap.UsableSize((nuint)sizeBytes), text.MemoryBytes);
        text.Free();
    }

    [Fact]
    public void A_table_finds_them_by_their_bytes()
    {
        using MemoryBalance balance = new();
        NativeTable<PackedStringTraits> table = NativeTable<PackedStringTraits>.Create();
        for (int i = 0; i < 1000; i++)
        {
            byte[] key = BitConverter.GetBytes(i);
            table.Insert(PackedString.Create(key).Address, KeyHash.Of(key));
        }

        for (int i = 0; i < 1000; i++)
        {
            byte[] key = BitConverter.GetBytes(i);
            nint removed = table.Remove(key, KeyHash.Of(key));
            Assert.Equal(key, new PackedString(removed).Span.ToArray());
            new PackedString(removed).Free();
        }

        Assert.Equal(0, table.Count);
        table.Free();
    }
}

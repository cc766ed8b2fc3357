// The checksum: known answers, and both ways to compute it against each other.

using System.Text;
using Xunit;

namespace Valkey.Rdb.Tests;

public sealed class Crc64Tests
{
    [Fact]
    public void Digits_have_the_published_check_value()
    {
        Assert.Equal(0xE9C6D914C4B8D9CAUL, Crc64.Append(0, "123456789"u8));
        Assert.Equal(0xE9C6D914C4B8D9CAUL, Crc64.AppendByTables(0, "123456789"u8));
        Assert.Equal(0UL, Crc64.Append(0, []));
    }

    [Fact]
    public void A_long_text_has_the_value_that_servers_compute()
    {
        byte[] text = Encoding.ASCII.GetBytes(
            "This is a test of the emergency broadcast system.This is a test of the emergency broadcast system."
            + "This is a test of the emergency broadcast system.This is a test of the emergency broadcast system.");

        Assert.Equal(BitByBit(text), Crc64.Append(0, text));
    }

    [Fact]
    public void Folding_and_tables_agree_at_every_length_and_cut()
    {
        Random random = new(64);
        byte[] bytes = new byte[5000];
        random.NextBytes(bytes);
        for (int round = 0; round < 2000; round++)
        {
            int length = random.Next(round < 600 ? round : bytes.Length);
            int cut = random.Next(length + 1);
            ReadOnlySpan<byte> part = bytes.AsSpan(random.Next(bytes.Length - length), length);

            ulong expected = Crc64.AppendByTables(0, part);

            Assert.Equal(expected, Crc64.Append(0, part));
            Assert.Equal(expected, Crc64.Append(Crc64.Append(0, part[..cut]), part[cut..]));
        }
    }

    private static ulong BitByBit(ReadOnlySpan<byte> bytes)
    {
        ulong crc = 0;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x95AC9329AC4BC9B5 : crc >> 1;
        }

        return crc;
    }
}

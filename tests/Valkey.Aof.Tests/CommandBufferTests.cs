using System.Text;
using Valkey.Aof.Writing;
using Valkey.Structures;
using Xunit;

namespace Valkey.Aof.Tests;

public sealed class CommandBufferTests
{
    private readonly BufferMemory _memory = new();

    [Fact]
    public void Commands_are_arrays_of_bulk_strings()
    {
        using CommandBuffer buffer = new(_memory);

        buffer.AppendTimestamp(1_700_000_000);
        buffer.AppendSelect(12);
        Bytes.Append(buffer, 77, "SET", "", "0123456789");

        Assert.Equal("#TS:1700000000\r\n*2\r\n$6\r\nSELECT\r\n$2\r\n12\r\n*3\r\n$3\r\nSET\r\n$0\r\n\r\n$10\r\n0123456789\r\n", Bytes.Text(buffer));
        Assert.Equal(77, buffer.EndOffset);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Whatever_is_appended_taken_over_and_consumed_the_rest_is_what_a_plain_string_would_be(int seed)
    {
        Random random = new(seed);
        CommandBuffer buffer = new(_memory);
        CommandBuffer other = new(_memory);
        StringBuilder model = new();
        StringBuilder otherModel = new();
        for (int step = 0; step < 3000; step++)
        {
            switch (random.Next(6))
            {
                case 0 or 1:
                    AppendRandom(random, buffer, model);
                    break;
                case 2:
                    AppendRandom(random, other, otherModel);
                    break;
                case 3:
                    buffer.Append(other);
                    other.Clear();
                    model.Append(otherModel);
                    otherModel.Clear();
                    break;
                case 4:
                    int count = random.Next(model.Length + 1);
                    bool isWhole = count == model.Length;
                    buffer.Consume(count, endsInside: !isWhole);
                    model.Remove(0, count);
                    Assert.Equal(!isWhole, buffer.IsTorn);
                    break;
                default:
                    if (random.Next(20) > 0) break;
                    buffer.Clear();
                    model.Clear();
                    break;
            }

            Assert.True(model.Length == buffer.Length && model.ToString() == Bytes.Text(buffer), $"seed {seed}, step {step}");
            Assert.True(_memory.Bytes >= model.Length + otherModel.Length, $"seed {seed}, step {step}: {_memory.Bytes} bytes are told");
        }

        buffer.Dispose();
        other.Dispose();
        Assert.Equal(0, _memory.Bytes);
    }

    [Fact]
    public void What_a_buffer_takes_is_told_as_the_heap_counts_it()
    {
        using CommandBuffer buffer = new(_memory);
        Assert.Equal(0, _memory.Bytes);

        Bytes.Append(buffer, 1, "SET", new string('x', 20_000));
        Assert.Equal((long)NativeHeap.UsableSize(32 * 1024), _memory.Bytes);
        Bytes.Append(buffer, 2, "SET", new string('x', 3_000_000));
        Assert.Equal((long)NativeHeap.UsableSize(4 * 1024 * 1024), _memory.Bytes);

        buffer.Clear(); // as large as that it is not kept
        Assert.Equal(0, _memory.Bytes);
    }

    [Fact]
    public void More_than_there_is_cannot_be_consumed()
    {
        using CommandBuffer buffer = new(_memory);
        buffer.AppendSelect(1);

        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Consume(buffer.Length + 1, endsInside: false));
    }

    private static void AppendRandom(Random random, CommandBuffer buffer, StringBuilder model)
    {
        string[] arguments = new string[1 + random.Next(12)];
        for (int i = 0; i < arguments.Length; i++) arguments[i] = new string((char)random.Next(256), random.Next(50) == 0 ? random.Next(60_000) : random.Next(20));
        Bytes.Append(buffer, 1, arguments);
        model.Append('*').Append(arguments.Length).Append("\r\n");
        foreach (string argument in arguments) model.Append('$').Append(argument.Length).Append("\r\n").Append(argument).Append("\r\n");
    }
}

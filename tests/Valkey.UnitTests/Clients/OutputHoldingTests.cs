// Boundaries in the output buffer against a plain list of replies: what has arrived is always what may be sent, no byte more,
// and once the connection has taken all it can, no byte less.

using System.Runtime.InteropServices;
using Valkey.Host.Clients;
using Xunit;

namespace Valkey.UnitTests.Clients;

public sealed class OutputHoldingTests
{
    [Fact]
    public void Nothing_passes_a_boundary_before_its_offset_and_everything_after() => Seeded.Check(400, random =>
    {
        OutputBuffer output = new();
        Model model = new();
        SlowConnection connection = new(random);
        Borrowed borrowed = new();
        for (int i = random.Next(1, 80); i > 0; i--)
        {
            switch (random.Next(5))
            {
                case 0:
                    model.CommittedOffset += random.Next(1, 60);
                    _ = output.Release(model.CommittedOffset);
                    break;
                case 1:
                    Assert.True(output.Send(connection, random.Next(1, 100_000)) >= 0);
                    Assert.True(CollectionsMarshal.AsSpan(model.Bytes).StartsWith(CollectionsMarshal.AsSpan(connection.Received)));
                    Assert.True(connection.Received.Count <= model.SendableBytes);
                    break;
                case 2:
                    while (output.HasSendable) Assert.True(output.Send(connection, long.MaxValue) >= 0);
                    Assert.Equal(model.SendableBytes, connection.Received.Count);
                    break;
                default:
                    Reply(random, output, model, borrowed);
                    break;
            }

            Assert.Equal(model.SendableBytes < model.Bytes.Count, output.IsHeld);
        }

        _ = output.Release(long.MaxValue);
        while (!output.IsEmpty) Assert.True(output.Send(connection, long.MaxValue) >= 0);

        Assert.True(connection.Received.SequenceEqual(model.Bytes));
        Assert.Equal(0, borrowed.Count);
        Assert.Equal(0, output.HeldBytes);
        output.Free();
    });

    [Fact]
    public void A_later_boundary_with_no_greater_offset_joins_the_one_before()
    {
        OutputBuffer output = new();

        foreach (long offset in new long[] { 10, 20, 15, 20, 30 })
        {
            long position = output.EndPosition;
            output.Append("+OK\r\n"u8);
            Assert.True(output.HoldFrom(position, offset));
        }

        Assert.Equal(3, output.BoundaryCount);
        Assert.Equal(10, output.FirstHeldOffset);
        output.Free();
    }

    [Fact]
    public void A_command_without_a_reply_needs_no_boundary()
    {
        OutputBuffer output = new();

        Assert.False(output.HoldFrom(output.EndPosition, 10));

        Assert.False(output.IsHeld);
        output.Free();
    }

    [Fact]
    public void Freeing_a_buffer_with_boundaries_forgets_them()
    {
        OutputBuffer output = new();
        output.Append("+OK\r\n"u8);
        Assert.True(output.HoldFrom(0, 10));

        output.Free();

        Assert.False(output.IsHeld);
        Assert.True(output.IsEmpty);
        output.Append("+OK\r\n"u8);
        Assert.True(output.HasSendable);
        output.Free();
    }

    /// <summary>A reply, sometimes rolled back and written anew, sometimes held. Offsets are around what is being committed.</summary>
    private static void Reply(Random random, OutputBuffer output, Model model, Borrowed borrowed)
    {
        long position = output.EndPosition;
        DeferredPosition mark = output.Mark();
        if (random.Next(6) == 0)
        {
            for (int i = random.Next(4); i > 0; i--) OutputContent.Append(random, output, [], borrowed, depth: 0);
            output.RollBack(mark);
        }

        int before = model.Bytes.Count;
        for (int i = random.Next(4); i > 0; i--) OutputContent.Append(random, output, model.Bytes, borrowed, depth: 0);
        if (random.Next(2) == 0) return;
        long offset = model.CommittedOffset + random.Next(1, 100);
        bool hasReply = model.Bytes.Count > before;
        Assert.Equal(hasReply, output.HoldFrom(position, offset));
        if (hasReply) model.Holds.Add((before, offset));
    }

    private sealed class Model
    {
        public List<byte> Bytes { get; } = [];

        public List<(int Position, long Offset)> Holds { get; } = [];

        public long CommittedOffset { get; set; }

        /// <summary>Everything before the first reply that is not durable.</summary>
        public int SendableBytes
        {
            get
            {
                foreach ((int position, long offset) in Holds)
                {
                    if (offset > CommittedOffset) return position;
                }

                return Bytes.Count;
            }
        }
    }
}

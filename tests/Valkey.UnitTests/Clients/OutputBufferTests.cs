// The output buffer against one growing byte array, sent through a connection that takes as little as it likes.

using Valkey.Abstractions;
using Valkey.Host.Clients;
using Xunit;

namespace Valkey.UnitTests.Clients;

public sealed unsafe class OutputBufferTests
{
    [Fact]
    public void Whatever_is_appended_arrives_once_and_in_order() => Seeded.Check(300, random =>
    {
        OutputBuffer output = new();
        List<byte> model = [];
        SlowConnection connection = new(random);
        Borrowed borrowed = new();
        for (int i = random.Next(1, 60); i > 0; i--)
        {
            OutputContent.Append(random, output, model, borrowed, depth: 0);
            if (random.Next(3) == 0) Assert.True(output.Send(connection, random.Next(1, 100_000)) >= 0);
            if (random.Next(9) == 0) _ = output.ResizeForUse();
            if (random.Next(9) == 0) output.ResetPeak(i);
        }

        while (!output.IsEmpty) Assert.True(output.Send(connection, long.MaxValue) >= 0);

        Assert.True(connection.Received.SequenceEqual(model));
        Assert.Equal(0, output.ListBytes);
        Assert.Equal(0, output.ListLength);
        Assert.Equal(0, borrowed.Count);
        output.Free();
    });

    [Fact]
    public void What_is_rolled_back_never_leaves_and_gives_back_what_it_borrowed() => Seeded.Check(200, random =>
    {
        OutputBuffer output = new();
        List<byte> model = [];
        Borrowed borrowed = new();
        for (int i = random.Next(0, 10); i > 0; i--) OutputContent.Append(random, output, model, borrowed, depth: 0);
        int heldBefore = borrowed.Count;
        int outer = output.BeginDeferred();
        DeferredPosition mark = output.Mark();
        _ = output.BeginDeferred();
        for (int i = random.Next(1, 20); i > 0; i--) OutputContent.Append(random, output, [], borrowed, depth: 1);

        output.RollBack(mark);
        int heldAfter = borrowed.Count;
        output.EndDeferred(outer, "*1\r\n"u8);
        model.AddRange("*1\r\n"u8);
        OutputContent.Append(random, output, model, borrowed, depth: 0);

        Assert.Equal(heldBefore, heldAfter);
        Assert.True(output.ToArray().AsSpan().SequenceEqual(model.ToArray()));
        output.Free();
        Assert.Equal(0, borrowed.Count);
    });

    [Fact]
    public void A_connection_that_fails_is_reported()
    {
        OutputBuffer output = new();
        output.Append("+OK\r\n"u8);
        SlowConnection connection = new(new Random(1)) { HasFailed = true };

        Assert.Equal(TransportResult.Failed, output.Send(connection, long.MaxValue));

        output.Free();
    }
}

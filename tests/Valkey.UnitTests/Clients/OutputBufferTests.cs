// The output buffer against one growing byte array, sent through a connection that takes as little as it likes.

using System.Text;
using Valkey.Abstractions;
using Valkey.Host.Clients;
using Valkey.Structures;
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
            Append(random, output, model, borrowed, depth: 0);
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
        for (int i = random.Next(0, 10); i > 0; i--) Append(random, output, model, borrowed, depth: 0);
        int heldBefore = borrowed.Count;
        int outer = output.BeginDeferred();
        DeferredPosition mark = output.Mark();
        _ = output.BeginDeferred();
        for (int i = random.Next(1, 20); i > 0; i--) Append(random, output, [], borrowed, depth: 1);

        output.RollBack(mark);
        int heldAfter = borrowed.Count;
        output.EndDeferred(outer, "*1\r\n"u8);
        model.AddRange("*1\r\n"u8);
        Append(random, output, model, borrowed, depth: 0);

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

    private static void Append(Random random, OutputBuffer output, List<byte> model, Borrowed borrowed, int depth)
    {
        switch (random.Next(depth < 3 ? 6 : 4))
        {
            case 0:
                byte[] large = Seeded.Bytes(random, random.Next(40_000));
                output.Append(large);
                model.AddRange(large);
                break;
            case 1:
                byte[] room = Seeded.Bytes(random, random.Next(1, 300));
                int unused = random.Next(room.Length);
                room.CopyTo(new Span<byte>(output.Append(room.Length), room.Length));
                output.Unappend(unused);
                model.AddRange(room[..^unused]);
                break;
            case 2:
                byte[] shared = Seeded.Bytes(random, random.Next(1, 50_000));
                output.AppendShared(borrowed.Lend(shared, out nint owner), owner, borrowed.Return);
                model.AddRange(shared);
                break;
            case 3:
                byte[] small = Seeded.Bytes(random, random.Next(40));
                output.Append(small);
                model.AddRange(small);
                break;
            default:
                int token = output.BeginDeferred();
                List<byte> content = [];
                for (int i = random.Next(5); i > 0; i--) Append(random, output, content, borrowed, depth + 1);
                byte[] header = Encoding.ASCII.GetBytes($"*{content.Count}\r\n");
                output.EndDeferred(token, header);
                model.AddRange(header);
                model.AddRange(content);
                break;
        }
    }

    /// <summary>Native bytes that are lent to the buffer and freed when they come back, which may happen once only.</summary>
    private sealed class Borrowed
    {
        private readonly Dictionary<nint, int> _lengths = [];

        public int Count => _lengths.Count;

        public ReadOnlySpan<byte> Lend(byte[] bytes, out nint owner)
        {
            owner = NativeHeap.Allocate((nuint)bytes.Length);
            _lengths.Add(owner, bytes.Length);
            Span<byte> memory = new((byte*)owner, bytes.Length);
            bytes.CopyTo(memory);
            return memory;
        }

        public void Return(nint owner)
        {
            Assert.True(_lengths.Remove(owner, out int length));
            NativeHeap.Free(owner, (nuint)length);
        }
    }

    private sealed class SlowConnection(Random random) : TransportConnection
    {
        public List<byte> Received { get; } = [];

        public bool HasFailed { get; init; }

        public override int Descriptor => -1;

        public override string LastError => "it was told to fail";

        public override string RemoteAddress => "127.0.0.1:1";

        public override string LocalAddress => "127.0.0.1:2";

        public override bool IsLocal => true;

        public override int Read(Span<byte> buffer) => TransportResult.WouldBlock;

        public override int Write(ReadOnlySpan<byte> buffer)
        {
            Assert.NotEqual(0, buffer.Length); // writing nothing would look like progress
            if (HasFailed) return TransportResult.Failed;
            if (random.Next(5) == 0) return TransportResult.WouldBlock;
            int taken = random.Next(3) == 0 ? buffer.Length : random.Next(1, buffer.Length + 1);
            Received.AddRange(buffer[..taken]);
            return taken;
        }

        public override nint Write(ReadOnlySpan<IoSlice> slices)
        {
            if (HasFailed) return TransportResult.Failed;
            if (random.Next(5) == 0) return TransportResult.WouldBlock;
            nint total = 0;
            foreach (IoSlice slice in slices) total += slice.LengthBytes;
            nint taken = random.Next(3) == 0 ? total : random.Next(1, (int)total + 1);
            nint left = taken;
            foreach (IoSlice slice in slices)
            {
                nint part = Math.Min(left, slice.LengthBytes);
                Received.AddRange(new ReadOnlySpan<byte>((byte*)slice.Address, (int)part));
                left -= part;
            }

            return taken;
        }

        public override void Shutdown() { }

        public override void Close() { }
    }
}

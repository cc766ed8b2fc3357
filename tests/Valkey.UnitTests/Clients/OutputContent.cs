// What the tests of the output buffer append, lend and send through.

using System.Text;
using Valkey.Abstractions;
using Valkey.Host.Clients;
using Valkey.Structures;
using Xunit;

namespace Valkey.UnitTests.Clients;

internal static unsafe class OutputContent
{
    /// <summary>Appends something random to the buffer and to its model.</summary>
    public static void Append(Random random, OutputBuffer output, List<byte> model, Borrowed borrowed, int depth)
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
}

/// <summary>Native bytes that are lent to the buffer and freed when they come back, which may happen once only.</summary>
internal sealed unsafe class Borrowed
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

internal sealed unsafe class SlowConnection(Random random) : TransportConnection
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

// SocketConnection: a stream socket that the kernel moves bytes for; what differs between families is the address only.
// No call allocates or waits: what the kernel does not take or have now is WouldBlock.
// Holds always: the descriptor is non-blocking and close-on-exec, and is closed once.

using Valkey.Abstractions;

namespace Valkey.Transports.Shared;

internal abstract unsafe class SocketConnection(int descriptor) : TransportConnection
{
    // The kernel's IOV_MAX: it refuses longer vectors altogether.
    private const int SliceCountMax = 1024;

    private int _descriptor = descriptor;
    private int _errno;

    /// <inheritdoc/>
    public override int Descriptor => _descriptor;

    /// <inheritdoc/>
    public override string LastError => Errno.Text(_errno);

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            nint count;
            do
            {
                count = Libc.Receive(_descriptor, start, (nuint)buffer.Length, 0);
            }
            while (count < 0 && Errno.Last == Errno.Interrupted);

            return count >= 0 ? (int)count : Fail();
        }
    }

    /// <inheritdoc/>
    public override int Write(ReadOnlySpan<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            nint count;
            do
            {
                count = Libc.Send(_descriptor, start, (nuint)buffer.Length, Libc.MessageNoSignal);
            }
            while (count < 0 && Errno.Last == Errno.Interrupted);

            return count >= 0 ? (int)count : Fail();
        }
    }

    /// <inheritdoc/>
    public override nint Write(ReadOnlySpan<IoSlice> slices)
    {
        fixed (IoSlice* start = slices)
        {
            // sendmsg and not writev: only it can be told to raise no signal when the peer is gone.
            MessageHeader message = default;
            message.Slices = start;
            message.SliceCount = (nuint)Math.Min(slices.Length, SliceCountMax);
            nint count;
            do
            {
                count = Libc.SendMessage(_descriptor, &message, Libc.MessageNoSignal);
            }
            while (count < 0 && Errno.Last == Errno.Interrupted);

            return count >= 0 ? count : Fail();
        }
    }

    /// <inheritdoc/>
    public override void Shutdown() => _ = Libc.Shutdown(_descriptor, Libc.ShutdownBoth);

    /// <inheritdoc/>
    public override void Close()
    {
        if (_descriptor < 0) return;
        _ = Libc.Close(_descriptor); // never repeated: Linux has released the number even when it reports EINTR
        _descriptor = -1;
    }

    private int Fail()
    {
        int errno = Errno.Last;
        if (errno == Errno.TryAgain) return TransportResult.WouldBlock;
        _errno = errno;
        return TransportResult.Failed;
    }
}

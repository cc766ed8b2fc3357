// SocketListener: takes connections from a listening socket, ready for the loop (non-blocking, close-on-exec).

using Valkey.Abstractions;

namespace Valkey.Transports.Shared;

internal abstract unsafe class SocketListener(int descriptor) : TransportListener
{
    private const int AddressBytesMax = 128;

    private int _descriptor = descriptor;

    /// <inheritdoc/>
    public override int Descriptor => _descriptor;

    /// <summary>Whether <see cref="Close"/> has not been called yet.</summary>
    public bool IsOpen => _descriptor >= 0;

    /// <inheritdoc/>
    public override TransportConnection? TryAccept(out string? error)
    {
        byte* address = stackalloc byte[AddressBytesMax];
        while (true)
        {
            uint length = AddressBytesMax;
            int accepted = Libc.Accept(
                _descriptor, address, &length, Libc.SocketNonBlocking | Libc.SocketCloseOnExec);
            if (accepted >= 0)
            {
                error = null;
                return Wrap(accepted, new ReadOnlySpan<byte>(address, (int)Math.Min(length, AddressBytesMax)));
            }

            int errno = Errno.Last;
            // A peer that gave up while it waited is no failure of ours: the next one may be there.
            if (errno is Errno.Interrupted or Errno.ConnectionAborted) continue;
            error = errno == Errno.TryAgain ? null : "accept: " + Errno.Text(errno);
            return null;
        }
    }

    /// <inheritdoc/>
    public override void Close()
    {
        if (_descriptor < 0) return;
        _ = Libc.Close(_descriptor);
        _descriptor = -1;
    }

    /// <summary>Makes a connection of an accepted descriptor and its peer's socket address.</summary>
    protected abstract TransportConnection Wrap(int descriptor, ReadOnlySpan<byte> peerAddress);
}

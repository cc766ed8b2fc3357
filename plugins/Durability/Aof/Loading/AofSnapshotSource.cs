// The snapshot that a file begins with. Commands may follow in the same file.

using Valkey.Abstractions;
using Valkey.Aof.Files;

namespace Valkey.Aof.Loading;

internal sealed unsafe class AofSnapshotSource(int descriptor, long lengthBytes) : ISnapshotSource
{
    /// <inheritdoc/>
    public long LengthBytes => lengthBytes;

    /// <inheritdoc/>
    public int Read(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            while (true)
            {
                nint count = Libc.Read(descriptor, start, (nuint)buffer.Length);
                if (count >= 0) return (int)count;
                if (Libc.LastError != Libc.ErrorInterrupted) throw new IOException(Libc.LastErrorText);
            }
        }
    }
}

// Wait: until something that the kernel does in its own time has happened, with a deadline.

using System.Diagnostics;
using Valkey.Abstractions;

namespace Valkey.Transports.Tests;

internal static class Wait
{
    private const int DeadlineMs = 5_000;

    public static TransportConnection ForConnection(TransportListener listener)
    {
        TransportConnection? connection = null;
        Until(() =>
        {
            connection = listener.TryAccept(out string? error);
            Assert.Null(error);
            return connection is not null;
        });
        return connection!;
    }

    /// <summary>The first result that is not "would block".</summary>
    public static int ForRead(TransportConnection connection, byte[] buffer)
    {
        int result = TransportResult.WouldBlock;
        Until(() => (result = connection.Read(buffer)) != TransportResult.WouldBlock);
        return result;
    }

    /// <summary>Reads until the buffer is full; the stream must not end before.</summary>
    public static void ForFull(TransportConnection connection, Span<byte> buffer)
    {
        Stopwatch clock = Stopwatch.StartNew();
        while (buffer.Length > 0)
        {
            Assert.True(clock.ElapsedMilliseconds < DeadlineMs, "the bytes did not arrive in time");
            int count = connection.Read(buffer);
            Assert.True(count is > 0 or TransportResult.WouldBlock, $"result {count}");
            if (count > 0) buffer = buffer[count..];
        }
    }

    public static void Until(Func<bool> condition)
    {
        Stopwatch clock = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(clock.ElapsedMilliseconds < DeadlineMs, "it did not happen in time");
            Thread.Yield();
        }
    }
}

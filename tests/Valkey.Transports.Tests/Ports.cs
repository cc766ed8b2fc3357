// Ports: numbers for tests to listen on, each given out once and free at that moment.

using System.Net;
using System.Net.Sockets;

namespace Valkey.Transports.Tests;

internal static class Ports
{
    private const int First = 23500;
    private const int Count = 100;

    private static int s_taken;

    public static int Take()
    {
        for (int i = 0; i < Count; i++)
        {
            int port = First + ((Interlocked.Increment(ref s_taken) - 1) % Count);
            if (IsFree(port)) return port;
        }

        throw new InvalidOperationException($"No port of {First} to {First + Count - 1} is free.");
    }

    private static bool IsFree(int port)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Any, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

// A TCP port that nobody else has, and that no test process running beside this one will pick either.
//
// Asking the kernel for port 0 is not enough: the port is free again until the server binds it, and may be handed to
// somebody's outgoing connection meanwhile. So ports come from below the ephemeral range, and each is claimed by an
// exclusively opened file that all test processes share. The claim ends with the process, or by Dispose.
// VALKEY_TEST_PORTS=first-last narrows the range.

using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Valkey.Testing;

/// <summary>A claimed TCP port; free for others again after Dispose.</summary>
public sealed class FreePort : IDisposable
{
    private const int DefaultFirst = 20000;
    private const int DefaultLast = 21999; // with room for cluster bus ports (+10000) below the ephemeral range

    private static readonly (int First, int Last) s_range = ReadRange();
    private static readonly string s_claimFolder = Path.Combine(Path.GetTempPath(), "valkey-test-ports");
    private static int s_next = Random.Shared.Next(s_range.First, s_range.Last + 1);

    private readonly FileStream _claim;

    private FreePort(int number, FileStream claim)
    {
        Number = number;
        _claim = claim;
    }

    /// <summary>The port's number.</summary>
    public int Number { get; }

    /// <summary>Claims a port on which nothing listens.</summary>
    public static FreePort Claim()
    {
        Directory.CreateDirectory(s_claimFolder);
        int rangeLength = s_range.Last - s_range.First + 1;
        for (int attempt = 0; attempt < rangeLength; attempt++)
        {
            int offset = (Interlocked.Increment(ref s_next) & int.MaxValue) % rangeLength;
            if (TryClaim(s_range.First + offset) is { } port) return port;
        }

        throw new InvalidOperationException($"No free port between {s_range.First} and {s_range.Last}.");
    }

    /// <inheritdoc/>
    public void Dispose() => _claim.Dispose();

    private static FreePort? TryClaim(int number)
    {
        FileStream claim;
        try
        {
            string path = Path.Combine(s_claimFolder, number.ToString(CultureInfo.InvariantCulture));
            claim = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // another test process has it
        }

        if (CanBind(number)) return new FreePort(number, claim);
        claim.Dispose();
        return null;
    }

    private static bool CanBind(int number)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Any, number));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static (int First, int Last) ReadRange()
    {
        string? range = Environment.GetEnvironmentVariable("VALKEY_TEST_PORTS");
        if (range is null) return (DefaultFirst, DefaultLast);

        string[] parts = range.Split('-');
        return (int.Parse(parts[0], CultureInfo.InvariantCulture), int.Parse(parts[1], CultureInfo.InvariantCulture));
    }
}

// Who may log in: the default user, with the password of requirepass. This is the one place that knows users; an access
// control list would take its place.

using System.Security.Cryptography;
using Valkey.Host.Clients;
using Valkey.Host.Text;

namespace Valkey.Host.Connections;

internal sealed class Authentication(Server server)
{
    private const string DefaultUser = "default";

    /// <summary>Whether there is such a user.</summary>
    public bool IsUser(ReadOnlySpan<byte> name) => name.SequenceEqual("default"u8);

    /// <summary>What a client may do before it said anything: everything, when there is no password.</summary>
    public void Reset(Client client)
    {
        client.UserName = DefaultUser;
        client.Set(ClientFlags.Authenticated, !server.IsPasswordSet);
    }

    /// <summary>Logs a client in; a failure is counted and changes nothing for the client.</summary>
    public bool TryLogIn(Client client, ReadOnlySpan<byte> user, ReadOnlySpan<byte> password)
    {
        if (!IsUser(user) || !IsPassword(password))
        {
            server.Statistics.AuthDenied++;
            return false;
        }

        client.UserName = DefaultUser;
        client.Set(ClientFlags.Authenticated);
        return true;
    }

    /// <summary>Without a password any is right. The comparison takes as long for a wrong one as for the right one.</summary>
    private bool IsPassword(ReadOnlySpan<byte> password)
    {
        if (!server.IsPasswordSet) return true;
        Span<byte> given = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> wanted = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(password, given);
        SHA256.HashData(ByteText.ToBytes(server.Options.RequirePass.Value), wanted);
        return CryptographicOperations.FixedTimeEquals(given, wanted);
    }
}

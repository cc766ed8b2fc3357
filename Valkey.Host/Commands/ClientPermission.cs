// What the enable-... options allow to whom: nobody, everybody, or clients of this machine.

using Valkey.Abstractions;
using Valkey.Host.Configuration;

namespace Valkey.Host.Commands;

internal static class ClientPermission
{
    /// <summary>Whether a client may do what the option guards.</summary>
    public static bool Allows(EnumOption option, IClient client) => option.Value switch
    {
        HostOptions.PermissionYes => true,
        HostOptions.PermissionLocal => client.IsLocal,
        _ => false,
    };
}

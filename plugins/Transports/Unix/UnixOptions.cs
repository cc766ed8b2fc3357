// UnixOptions: where the socket file lies and who may use it.

using Valkey.Abstractions;

namespace Valkey.Transports.Unix;

internal sealed class UnixOptions
{
    private const int PermissionsMax = 0x1FF; // octal 777

    /// <summary>Empty means not to listen.</summary>
    public StringOption Path { get; } = new("unixsocket") { Flags = OptionFlags.Immutable };

    /// <summary>0 leaves what the umask makes of them.</summary>
    public IntegerOption Permissions { get; } =
        new("unixsocketperm", 0, 0, PermissionsMax, NumberKind.Octal) { Flags = OptionFlags.Immutable };

    /// <summary>Empty leaves the group of the process.</summary>
    public StringOption Group { get; } = new("unixsocketgroup") { Flags = OptionFlags.Immutable };

    public void Register(IOptionRegistry registry)
    {
        registry.Add(Path);
        registry.Add(Permissions);
        registry.Add(Group);
    }
}

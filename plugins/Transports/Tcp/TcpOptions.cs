// TcpOptions: what the user can say about TCP. The values live here; TcpTransport reads them when it needs them.

using Valkey.Abstractions;

namespace Valkey.Transports.Tcp;

internal sealed class TcpOptions
{
    private const string DefaultBind = "* -::*";
    private const int BindAddressCountMax = 16;

    private string[] _bindAddresses = DefaultBind.Split(' ');

    public TcpOptions()
    {
        Bind = new CustomOption("bind", () => string.Join(' ', _bindAddresses), DefaultBind, StoreBind)
        {
            Flags = OptionFlags.MultiArgument,
        };
        Multipath.Validate = arguments =>
            arguments[0].Equals("yes", StringComparison.OrdinalIgnoreCase) && !TcpSocket.IsMultipathSupported()
                ? "MPTCP is not supported on this platform"
                : null;
    }

    /// <summary>0 means not to listen.</summary>
    public IntegerOption Port { get; } = new("port", 6379, 0, 65535);

    public CustomOption Bind { get; }

    public IntegerOption Backlog { get; } = new("tcp-backlog", 511, 0, int.MaxValue) { Flags = OptionFlags.Immutable };

    /// <summary>Seconds of silence before the first probe; 0 means no probes.</summary>
    public IntegerOption KeepAlive { get; } = new("tcp-keepalive", 300, 0, int.MaxValue);

    public BoolOption Multipath { get; } = new("mptcp", false) { Flags = OptionFlags.Immutable };

    /// <summary>Where outgoing connections come from; empty leaves it to the system.</summary>
    public StringOption BindSource { get; } = new("bind-source-addr");

    public IntegerOption MarkId { get; } = new("socket-mark-id", 0, 0, uint.MaxValue) { Flags = OptionFlags.Immutable };

    public IReadOnlyList<string> BindAddresses => _bindAddresses;

    public void Register(IOptionRegistry registry)
    {
        registry.Add(Port);
        registry.Add(Bind);
        registry.Add(Backlog);
        registry.Add(KeepAlive);
        registry.Add(Multipath);
        registry.Add(BindSource);
        registry.Add(MarkId);
    }

    private string? StoreBind(IReadOnlyList<string> arguments)
    {
        List<string> addresses = [];
        foreach (string argument in arguments) addresses.AddRange(argument.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        if (addresses.Count > BindAddressCountMax) return "Too many bind addresses specified.";
        _bindAddresses = [.. addresses]; // none at all: no TCP, which is what an empty argument asks for
        return null;
    }
}

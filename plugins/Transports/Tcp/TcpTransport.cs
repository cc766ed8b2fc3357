// TcpTransport: plain TCP, to listen and to connect. What its options say is read afresh at every call.

using System.Globalization;
using Valkey.Abstractions;

namespace Valkey.Transports.Tcp;

internal sealed class TcpTransport : ITransport
{
    private const string SystemBacklogFile = "/proc/sys/net/core/somaxconn";

    private readonly TcpOptions _options;
    private readonly IOptionRegistry _allOptions;
    private readonly ILog _log;
    private readonly TcpBinding _binding;
    private bool _isBacklogChecked;

    public TcpTransport(TcpOptions options, IOptionRegistry allOptions, ILog log)
    {
        _options = options;
        _allOptions = allOptions;
        _log = log;
        _binding = new TcpBinding(Name, log, Wrap);
    }

    /// <inheritdoc/>
    public string Name => "tcp";

    /// <inheritdoc/>
    public IReadOnlyList<TransportListener> Listen()
    {
        WarnOfShortBacklog();
        int port = (int)_options.Port.Value;
        return port == 0 ? [] : _binding.Open(_options.BindAddresses, port, Settings(_options.Multipath.Value));
    }

    /// <inheritdoc/>
    public TransportConnection Connect(string host, int port, string? sourceAddress)
    {
        List<InetAddress> targets = InetAddress.Resolve(host, port, family: 0, isPassive: false, out string? error);
        string sourceName = sourceAddress ?? _options.BindSource.Value;
        // A source that cannot be used is not worth failing for: the connection matters more than where it comes from.
        TcpConnection? connection =
            (sourceName.Length > 0 ? TryConnect(targets, sourceName, ref error) : null) ?? TryConnect(targets, null, ref error);
        return connection ?? throw new TransportException($"Could not connect to {host}:{port}: {error}");
    }

    private TcpConnection? TryConnect(List<InetAddress> targets, string? sourceName, ref string? error)
    {
        bool isMultipath = _allOptions.Find("repl-mptcp") is BoolOption { Value: true };
        foreach (InetAddress target in targets)
        {
            List<InetAddress>? sources = sourceName is null
                ? null
                : InetAddress.Resolve(sourceName, port: 0, target.Family, isPassive: false, out error);
            if (sources is { Count: 0 }) continue;
            int descriptor = TcpSocket.Connect(target, sources, Settings(isMultipath), out error);
            if (descriptor >= 0) return Wrap(descriptor, target);
        }

        return null;
    }

    private TcpConnection Wrap(int descriptor, InetAddress remote)
    {
        TcpSocket.Tune(descriptor, (int)_options.KeepAlive.Value);
        return new TcpConnection(descriptor, remote);
    }

    private TcpSettings Settings(bool isMultipath) =>
        new((int)_options.Backlog.Value, (uint)_options.MarkId.Value, isMultipath);

    private void WarnOfShortBacklog()
    {
        if (_isBacklogChecked) return;
        _isBacklogChecked = true;
        if (!File.Exists(SystemBacklogFile)) return;
        bool isNumber = int.TryParse(File.ReadAllText(SystemBacklogFile), CultureInfo.InvariantCulture, out int systemMax);
        if (!isNumber || systemMax <= 0 || systemMax >= _options.Backlog.Value) return;
        _log.Write(
            LogLevel.Warning,
            $"WARNING: The TCP backlog setting of {_options.Backlog.Text} cannot be enforced because {SystemBacklogFile} "
            + $"is set to the lower value of {systemMax}.");
    }
}

// MONITOR: clients that see every command as it is executed.

using System.Globalization;
using System.Text;
using Valkey.Abstractions;

namespace Valkey.Host.Clients;

internal sealed class MonitorList(Server server)
{
    private readonly List<Client> _monitors = [];
    private readonly byte[] _piece = new byte[OutputBuffer.ChunkBytes]; // of the line: a whole one may be 2 GB
    private int _used;

    private static ReadOnlySpan<byte> HexDigits => "0123456789abcdef"u8;

    public int Count => _monitors.Count;

    public void Add(Client client)
    {
        if (client.Has(ClientFlags.Monitor)) return;
        client.Set(ClientFlags.Monitor | ClientFlags.Replica);
        _monitors.Add(client);
    }

    public void Remove(Client client)
    {
        if (!client.Has(ClientFlags.Monitor)) return;
        client.Clear(ClientFlags.Monitor | ClientFlags.Replica);
        _monitors.Remove(client);
    }

    /// <summary>Shows a command to all monitors.</summary>
    public void Feed(Client source, CommandArguments arguments)
    {
        if (server.IsLoading) return;
        server.Dispatcher.Holding?.NoteMonitors(_monitors);
        _used = 0;
        AppendSource(source);
        for (int i = 0; i < arguments.Count; i++)
        {
            Append(" \""u8);
            AppendEscaped(source.IsRedacted(i) ? "(redacted)"u8 : arguments[i]);
            Append("\""u8);
        }

        Append("\r\n"u8);
        Flush();
        for (int i = 0; i < _monitors.Count; i++)
        {
            Client monitor = _monitors[i];
            server.Sender.NoteOutput(monitor);
            if (server.ClientMemory.IsLimited) server.ClientMemory.Update(monitor);
        }
    }

    private void AppendSource(Client source)
    {
        long unixUs = (DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
        Append(Encoding.Latin1.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"+{unixUs / 1_000_000}.{unixUs % 1_000_000:D6} [{source.DatabaseIndex} {SourceText(source)}]")));
    }

    private void Append(ReadOnlySpan<byte> text)
    {
        if (text.Length > _piece.Length - _used) Flush();
        text.CopyTo(_piece.AsSpan(_used));
        _used += text.Length;
    }

    private void Flush()
    {
        ReadOnlySpan<byte> bytes = _piece.AsSpan(0, _used);
        foreach (Client monitor in _monitors)
        {
            if (!monitor.Has(ClientFlags.ReplyOff | ClientFlags.ReplySkip)) monitor.Output.Append(bytes);
        }

        _used = 0;
    }

    private static string SourceText(Client source)
    {
        if (source.Has(ClientFlags.Script)) return "lua";
        if (source.Connection is not { IsUnixSocket: true }) return source.Address;
        int colon = source.Address.LastIndexOf(':');
        return "unix:" + (colon < 0 ? source.Address : source.Address[..colon]);
    }

    private void AppendEscaped(ReadOnlySpan<byte> bytes)
    {
        foreach (byte letter in bytes)
        {
            switch (letter)
            {
                case (byte)'\\':
                    Append("\\\\"u8);
                    break;
                case (byte)'"':
                    Append("\\\""u8);
                    break;
                case (byte)'\n':
                    Append("\\n"u8);
                    break;
                case (byte)'\r':
                    Append("\\r"u8);
                    break;
                case (byte)'\t':
                    Append("\\t"u8);
                    break;
                case 7:
                    Append("\\a"u8);
                    break;
                case 8:
                    Append("\\b"u8);
                    break;
                case >= 32 and < 127:
                    if (_used == _piece.Length) Flush();
                    _piece[_used++] = letter;
                    break;
                default:
                    Append([(byte)'\\', (byte)'x', HexDigits[letter >> 4], HexDigits[letter & 15]]);
                    break;
            }
        }
    }
}

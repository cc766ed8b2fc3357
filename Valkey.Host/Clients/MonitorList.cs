// MONITOR: clients that see every command as it is executed.

using System.Globalization;
using System.Text;
using Valkey.Abstractions;

namespace Valkey.Host.Clients;

internal sealed class MonitorList(Server server)
{
    private readonly List<Client> _monitors = [];
    private readonly StringBuilder _line = new();

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
        byte[] line = Line(source, arguments);
        for (int i = 0; i < _monitors.Count; i++)
        {
            Client monitor = _monitors[i];
            if (!monitor.Has(ClientFlags.ReplyOff | ClientFlags.ReplySkip)) monitor.Output.Append(line);
            server.Clients.NoteOutput(monitor);
            if (server.ClientMemory.IsLimited) server.ClientMemory.Update(monitor);
        }
    }

    private byte[] Line(Client source, CommandArguments arguments)
    {
        long unixUs = (DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
        _line.Clear().Append('+').Append(unixUs / 1_000_000).Append('.').Append((unixUs % 1_000_000).ToString("D6", CultureInfo.InvariantCulture));
        _line.Append(" [").Append(source.DatabaseIndex).Append(' ').Append(SourceText(source)).Append(']');
        for (int i = 0; i < arguments.Count; i++)
        {
            _line.Append(' ');
            AppendQuoted(source.IsRedacted(i) ? "(redacted)"u8 : arguments[i]);
        }

        return Encoding.Latin1.GetBytes(_line.Append("\r\n").ToString());
    }

    private static string SourceText(Client source)
    {
        if (source.Has(ClientFlags.Script)) return "lua";
        if (source.Connection is not { IsUnixSocket: true }) return source.Address;
        int colon = source.Address.LastIndexOf(':');
        return "unix:" + (colon < 0 ? source.Address : source.Address[..colon]);
    }

    private void AppendQuoted(ReadOnlySpan<byte> bytes)
    {
        _line.Append('"');
        foreach (byte letter in bytes)
        {
            switch (letter)
            {
                case (byte)'\\' or (byte)'"':
                    _line.Append('\\').Append((char)letter);
                    break;
                case (byte)'\n':
                    _line.Append("\\n");
                    break;
                case (byte)'\r':
                    _line.Append("\\r");
                    break;
                case (byte)'\t':
                    _line.Append("\\t");
                    break;
                case 7:
                    _line.Append("\\a");
                    break;
                case 8:
                    _line.Append("\\b");
                    break;
                case >= 32 and < 127:
                    _line.Append((char)letter);
                    break;
                default:
                    _line.Append("\\x").Append(letter.ToString("x2", CultureInfo.InvariantCulture));
                    break;
            }
        }

        _line.Append('"');
    }
}

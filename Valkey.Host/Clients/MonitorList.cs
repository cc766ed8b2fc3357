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
        byte[] line = Line(source, arguments);
        foreach (Client monitor in _monitors)
        {
            monitor.Output.Append(line);
            server.Clients.NoteOutput(monitor);
        }
    }

    private byte[] Line(Client source, CommandArguments arguments)
    {
        long unixUs = server.Clock.UnixUs;
        _line.Clear().Append('+').Append(unixUs / 1_000_000).Append('.').Append((unixUs % 1_000_000).ToString("D6", CultureInfo.InvariantCulture));
        _line.Append(" [").Append(source.DatabaseIndex).Append(' ');
        _line.Append(source.Has(ClientFlags.Script) ? "lua" : source.Connection is { IsUnixSocket: true } unix ? "unix:" + unix.LocalAddress[..unix.LocalAddress.LastIndexOf(':')] : source.Address).Append(']');
        for (int i = 0; i < arguments.Count; i++)
        {
            _line.Append(' ');
            AppendQuoted(arguments[i]);
        }

        return Encoding.Latin1.GetBytes(_line.Append("\r\n").ToString());
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

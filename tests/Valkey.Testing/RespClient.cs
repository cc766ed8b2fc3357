// A connection to the server under test: raw bytes when a test is about bytes, commands and values otherwise.
//
// Not thread-safe: one test, one thread of events. Everything that waits has a deadline (Timeout).
// Holds always: CallAsync returns the reply to its own command; pushes that come before it are kept in Pushes.

using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace Valkey.Testing;

/// <summary>A raw RESP connection.</summary>
public sealed class RespClient : IAsyncDisposable, IDisposable
{
    private readonly Socket _socket;
    private readonly NetworkStream _stream;
    private readonly RespReader _reader;

    private RespClient(Socket socket)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: true);
        _reader = new RespReader(_stream);
    }

    /// <summary>How long each single operation may take.</summary>
    public TimeSpan Timeout { get; set; } = TestEnvironment.DefaultTimeout;

    /// <summary>Pushes that CallAsync met while it waited for its reply.</summary>
    public Queue<RespValue> Pushes { get; } = new();

    /// <summary>The socket, for tests that close one half or reset it.</summary>
    public Socket Socket => _socket;

    /// <summary>Connects by TCP. With 3, HELLO 3 is sent.</summary>
    public static async Task<RespClient> ConnectAsync(string host, int port, int respVersion = 2)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using CancellationTokenSource timeout = new(TestEnvironment.DefaultTimeout);
        try
        {
            await socket.ConnectAsync(host, port, timeout.Token).ConfigureAwait(false);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        return await GreetAsync(new RespClient(socket), respVersion).ConfigureAwait(false);
    }

    /// <summary>Connects to a Unix domain socket. With 3, HELLO 3 is sent.</summary>
    public static async Task<RespClient> ConnectUnixAsync(string path, int respVersion = 2)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path)).ConfigureAwait(false);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        return await GreetAsync(new RespClient(socket), respVersion).ConfigureAwait(false);
    }

    /// <summary>Bytes of a command as an array of bulk strings. Arguments are strings, byte arrays or numbers.</summary>
    public static byte[] Encode(params object[] arguments)
    {
        using MemoryStream target = new();
        WriteLine(target, $"*{arguments.Length}");
        foreach (object argument in arguments)
        {
            byte[] bytes = ToBytes(argument);
            WriteLine(target, $"${bytes.Length}");
            target.Write(bytes);
            target.Write("\r\n"u8);
        }

        return target.ToArray();
    }

    /// <summary>Sends a command and does not wait for its reply.</summary>
    public Task SendAsync(params object[] arguments) => SendRawAsync(Encode(arguments));

    /// <summary>Sends bytes as they are.</summary>
    public async Task SendRawAsync(ReadOnlyMemory<byte> bytes)
    {
        using CancellationTokenSource timeout = new(Timeout);
        await _stream.WriteAsync(bytes, timeout.Token).ConfigureAwait(false);
    }

    /// <summary>Sends text as it is, one byte a character.</summary>
    public Task SendRawAsync(string text) => SendRawAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>Reads the next value, whatever it is: a reply or a push.</summary>
    public async Task<RespValue> ReadAsync()
    {
        using CancellationTokenSource timeout = new(Timeout);
        try
        {
            return await _reader.ReadValueAsync(timeout.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"No whole reply within {Timeout}; {_reader.BufferedBytes} bytes of one are here.");
        }
    }

    /// <summary>Sends a command and reads its reply.</summary>
    public async Task<RespValue> CallAsync(params object[] arguments)
    {
        await SendAsync(arguments).ConfigureAwait(false);
        while (true)
        {
            RespValue value = await ReadAsync().ConfigureAwait(false);
            if (value.Kind != RespKind.Push) return value;
            Pushes.Enqueue(value);
        }
    }

    /// <summary>Sends a command and returns its reply's exact bytes, one character a byte.</summary>
    public async Task<string> RawAsync(params object[] arguments) => (await CallAsync(arguments).ConfigureAwait(false)).Raw;

    /// <summary>Sends a command and returns its reply in the readable form that is the same for both protocols.</summary>
    public async Task<string> TextAsync(params object[] arguments)
        => (await CallAsync(arguments).ConfigureAwait(false)).ToString();

    /// <summary>Skips the running test when the server does not have the command: a plugin that is not there.</summary>
    public async Task RequireCommandAsync(string command)
    {
        RespValue info = await CallAsync("COMMAND", "INFO", command).ConfigureAwait(false);
        Skip.If(info.Items.Count == 0 || info[0].IsNull, $"The server has no {command}.");
    }

    /// <summary>Reads exactly so many bytes.</summary>
    public async Task<byte[]> ReadExactlyAsync(int count)
    {
        using CancellationTokenSource timeout = new(Timeout);
        return await _reader.TakeAsync(count, timeout.Token).ConfigureAwait(false);
    }

    /// <summary>Reads everything until the server closes the connection, one character a byte.</summary>
    public async Task<string> ReadToEndAsync()
    {
        using CancellationTokenSource timeout = new(Timeout);
        try
        {
            while (await _reader.ReceiveAsync(timeout.Token).ConfigureAwait(false))
            {
                // The buffer grows until the end is there.
            }
        }
        catch (IOException)
        {
            // Closed by a reset: what was received before it is what there is.
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The server did not close the connection within {Timeout}.");
        }

        byte[] received = await _reader.TakeAsync(_reader.BufferedBytes, CancellationToken.None).ConfigureAwait(false);
        return Encoding.Latin1.GetString(received);
    }

    /// <summary>Says whether nothing arrives for the given time. For replies that must not come.</summary>
    public async Task<bool> IsSilentForAsync(TimeSpan duration)
    {
        if (_reader.BufferedBytes > 0) return false;

        return !await Task.Run(() => _socket.Poll(duration, SelectMode.SelectRead)).ConfigureAwait(false);
    }

    /// <summary>Says that nothing more will be sent, and goes on reading.</summary>
    public void ShutdownSend() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Closes with a reset instead of an orderly end.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        _socket.Close();
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private static async Task<RespClient> GreetAsync(RespClient client, int respVersion)
    {
        if (respVersion == 2) return client;

        RespValue greeting = await client.CallAsync("HELLO", respVersion).ConfigureAwait(false);
        if (!greeting.IsError) return client;

        await client.DisposeAsync().ConfigureAwait(false);
        throw new InvalidOperationException($"HELLO {respVersion} was answered by {greeting}.");
    }

    private static byte[] ToBytes(object argument) => argument switch
    {
        byte[] bytes => bytes,
        string text => Encoding.UTF8.GetBytes(text),
        IFormattable number => Encoding.ASCII.GetBytes(number.ToString(null, CultureInfo.InvariantCulture)),
        _ => throw new ArgumentException($"{argument.GetType()} is not an argument of a command."),
    };

    private static void WriteLine(MemoryStream target, string text)
    {
        target.Write(Encoding.ASCII.GetBytes(text));
        target.Write("\r\n"u8);
    }
}

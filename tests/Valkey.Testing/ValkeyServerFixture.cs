// The server that the tests of one class share: started for them, or the one that is already there.
//
// Tests of a class run one after the other; classes run beside each other, each with its own server. Against an external
// server there is only one keyspace, so there the classes take turns.

using Xunit;

namespace Valkey.Testing;

/// <summary>Class fixture: one server per test class.</summary>
public class ValkeyServerFixture : IAsyncLifetime
{
    private static readonly SemaphoreSlim s_externalTurn = new(1, 1);

    private ServerProcess? _server;

    /// <summary>The server's process. Skips the running test when the server is not ours to start and stop.</summary>
    public ServerProcess Server
    {
        get
        {
            TestEnvironment.SkipIfExternal();
            return _server!;
        }
    }

    /// <summary>Address of the server.</summary>
    public string Host => TestEnvironment.ExternalHost ?? Server.Host;

    /// <summary>Port of the server.</summary>
    public int Port => TestEnvironment.IsExternal ? TestEnvironment.ExternalPort : Server.Port;

    /// <summary>How the server is started. A class that needs it otherwise derives a fixture of its own.</summary>
    protected virtual ServerOptions Options => new();

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        if (TestEnvironment.IsExternal)
        {
            await s_externalTurn.WaitAsync().ConfigureAwait(false);
            return;
        }

        _server = await ServerProcess.StartAsync(Options).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (TestEnvironment.IsExternal) s_externalTurn.Release();
        if (_server is not null) await _server.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Connects to the server, which keeps its data.</summary>
    public Task<RespClient> ConnectAsync(int respVersion = 2) => RespClient.ConnectAsync(Host, Port, respVersion);

    /// <summary>Connects to the server and empties it.</summary>
    public async Task<RespClient> ConnectToEmptyAsync(int respVersion = 2)
    {
        RespClient client = await ConnectAsync(respVersion).ConfigureAwait(false);
        await client.CallAsync("FLUSHALL").ConfigureAwait(false);
        return client;
    }
}

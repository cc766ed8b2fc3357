// SIGTERM and SIGINT ask for an orderly end; a second SIGINT means now. SIGHUP is ignored: the log reopens itself.
// The runtime calls back on a thread of its own: the request is posted, never carried out here.

using System.Runtime.InteropServices;
using Valkey.Host.Logging;
using LogLevel = Valkey.Abstractions.LogLevel;

namespace Valkey.Host.Process;

/// <summary>Receives the signals as long as it is not disposed.</summary>
internal sealed class ShutdownSignals : IDisposable
{
    private readonly PosixSignalRegistration[] _registrations;
    private readonly ServerLog _log;
    private readonly Action<PosixSignal> _post;
    private int _requestCount;

    /// <param name="log">Told of the signal at once, before the command thread gets to it.</param>
    /// <param name="post">Hands the request to the command thread. Called on any thread.</param>
    public ShutdownSignals(ServerLog log, Action<PosixSignal> post)
    {
        _log = log;
        _post = post;
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnShutdown),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, OnShutdown),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => context.Cancel = true),
        ];
    }

    /// <summary>The dataset is being loaded: only the words differ.</summary>
    public Func<bool> IsLoading { get; set; } = () => false;

    /// <summary>Removes what must not stay behind when the process ends at once. Called on any thread.</summary>
    public Action BeforeExit { get; set; } = () => { };

    /// <summary>The shutdown that was asked for did not happen (SHUTDOWN ABORT): the next SIGINT is a first one again.</summary>
    public void Reset() => Volatile.Write(ref _requestCount, 0);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations) registration.Dispose();
    }

    private void OnShutdown(PosixSignalContext context)
    {
        context.Cancel = true; // the runtime would end the process
        bool isRepeated = Interlocked.Increment(ref _requestCount) > 1;
        if (isRepeated && context.Signal == PosixSignal.SIGINT)
        {
            _log.Write(LogLevel.Warning, "You insist... exiting now.");
            BeforeExit();
            Environment.Exit(1);
        }

        string name = context.Signal == PosixSignal.SIGINT ? "SIGINT" : "SIGTERM";
        _log.Write(LogLevel.Warning, IsLoading()
            ? "Received shutdown signal during loading, scheduling shutdown."
            : $"Received {name} scheduling shutdown...");
        _post(context.Signal);
    }
}

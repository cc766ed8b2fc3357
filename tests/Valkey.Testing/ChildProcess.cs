// A child process whose output is captured as it comes and that cannot outlive the test host.
//
// Linux delivers the parent-death signal when the *thread* that forked ends, so all children are started from one
// thread that lives as long as the process. Where setpriv(1) is missing, the exit handler alone has to do.
// Holds always: Output is whole once the process has been waited for.

using System.Collections.Concurrent;
using System.Collections.ObjectModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Valkey.Testing;

/// <summary>A started executable: its output, its signals, its end.</summary>
public sealed partial class ChildProcess : IDisposable
{
    private const int SigKill = 9;
    private const int SigTerm = 15;

    private static readonly string? s_setpriv = RedisTools.FindOnPath("setpriv");
    private static readonly ConcurrentDictionary<int, ChildProcess> s_running = new();
    private static readonly BlockingCollection<Action> s_starts = StartStarterThread();

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly Lock _outputLock = new();

    private ChildProcess(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Append(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Append(_errors, line.Data);
    }

    /// <summary>Process id. The launcher and setpriv exec, so it is the executable's own.</summary>
    public int Id { get; private set; }

    /// <summary>True once the process has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>What it wrote to standard output so far.</summary>
    public string Output => Read(_output);

    /// <summary>What it wrote to standard error so far.</summary>
    public string Errors => Read(_errors);

    /// <summary>Starts an executable. Standard input is the given text, or empty.</summary>
    public static ChildProcess Start(
        string executable,
        IEnumerable<string> arguments,
        string? workingFolder = null,
        string? standardInput = null,
        IReadOnlyDictionary<string, string?>? environment = null)
    {
        ProcessStartInfo start = new(s_setpriv ?? executable)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingFolder ?? string.Empty,
        };
        if (s_setpriv is not null) AddAll(start.ArgumentList, ["--pdeathsig", "KILL", "--", executable]);
        AddAll(start.ArgumentList, arguments);
        if (environment is not null)
        {
            foreach ((string name, string? value) in environment) start.Environment[name] = value;
        }

        ChildProcess child = new(start);
        child.Launch(standardInput);
        return child;
    }

    /// <summary>Waits for the end and returns the exit code (128 + n for signal n).</summary>
    public async Task<int> WaitForExitAsync(TimeSpan? deadline = null)
    {
        using CancellationTokenSource timeout = new(deadline ?? TestEnvironment.DefaultTimeout);
        try
        {
            await _process.WaitForExitAsync(timeout.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Process {Id} did not end in time. Its output:\n{Output}{Errors}");
        }

        s_running.TryRemove(Id, out _);
        return _process.ExitCode;
    }

    /// <summary>Asks the process to end.</summary>
    public void Terminate() => Signal(SigTerm);

    /// <summary>Ends the process at once.</summary>
    public void Kill() => Signal(SigKill);

    /// <summary>Sends a signal by its number; nothing happens when the process is gone.</summary>
    public void Signal(int signal)
    {
        if (!_process.HasExited) _ = SendSignal(Id, signal);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Kill();
        _process.WaitForExit();
        s_running.TryRemove(Id, out _);
        _process.Dispose();
    }

    private void Launch(string? standardInput)
    {
        TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        s_starts.Add(() =>
        {
            try
            {
                _process.Start();
                started.SetResult();
            }
            catch (Exception e)
            {
                started.SetException(e); // for the caller, who waits below; the starter thread lives on
            }
        });
        started.Task.GetAwaiter().GetResult();

        Id = _process.Id;
        s_running[Id] = this;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        if (standardInput is not null) _process.StandardInput.Write(standardInput);
        _process.StandardInput.Close();
    }

    private static BlockingCollection<Action> StartStarterThread()
    {
        BlockingCollection<Action> starts = [];
        Thread starter = new(() =>
        {
            foreach (Action start in starts.GetConsumingEnumerable()) start();
        })
        {
            IsBackground = true,
            Name = "starter of child processes",
        };
        starter.Start();
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            foreach (int id in s_running.Keys) _ = SendSignal(id, SigKill);
        };
        return starts;
    }

    private static void AddAll(Collection<string> target, IEnumerable<string> values)
    {
        foreach (string value in values) target.Add(value);
    }

    private void Append(StringBuilder target, string? line)
    {
        if (line is null) return;
        lock (_outputLock) target.Append(line).Append('\n');
    }

    private string Read(StringBuilder source)
    {
        lock (_outputLock) return source.ToString();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SendSignal(int pid, int signal);
}

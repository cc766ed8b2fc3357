// How long a thread has run, and how long it was ready to run and had no processor, as Linux counts it.
//
// Source: the first two numbers of /proc/<pid>/task/<tid>/schedstat (Documentation/scheduler/sched-stats.rst), nanoseconds. Where
// the kernel does not count, or /proc is not there, both stay at nothing.
// Holds always: the file stays that of the thread which opened it; any thread may read it, one at a time. Nothing is allocated.

using System.Buffers.Text;
using Microsoft.Win32.SafeHandles;

namespace Valkey.Host.Process;

/// <summary>What a thread has had of the processors since it began, nanoseconds.</summary>
internal readonly record struct ThreadTimes(long RunNs, long WaitedNs);

internal sealed class ThreadSchedule : IDisposable
{
    private const string Path = "/proc/thread-self/schedstat";
    private const int TextBytesMax = 64; // three numbers of twenty digits at most

    private readonly SafeFileHandle? _file;
    private readonly byte[] _text = new byte[TextBytesMax];

    private ThreadSchedule(SafeFileHandle? file) => _file = file;

    /// <summary>Of the thread that calls this.</summary>
    public static ThreadSchedule OfThisThread()
    {
        try
        {
            return new ThreadSchedule(File.OpenHandle(Path));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new ThreadSchedule(null);
        }
    }

    /// <summary>Until now; nothing when it cannot be read.</summary>
    public ThreadTimes Read()
    {
        if (_file is null) return default;
        try
        {
            return Parse(_text.AsSpan(0, RandomAccess.Read(_file, _text, 0)));
        }
        catch (IOException)
        {
            return default; // the thread has ended
        }
    }

    /// <summary>Nothing when the text is another one.</summary>
    public static ThreadTimes Parse(ReadOnlySpan<byte> text)
    {
        if (!Utf8Parser.TryParse(text, out long runNs, out int length) || length >= text.Length || text[length] != ' ') return default;
        return Utf8Parser.TryParse(text[(length + 1)..], out long waitedNs, out _) ? new ThreadTimes(runNs, waitedNs) : default;
    }

    public void Dispose() => _file?.Dispose();
}

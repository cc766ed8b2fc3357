// Whether writes reach the disk. While they do not, the server refuses writes: a client that is told OK must be able to rely
// on it as far as the policy promises.

using Valkey.Abstractions;
using Valkey.Aof.Files;

namespace Valkey.Aof.Writing;

internal sealed class WriteHealth(IServerControl server, ILog log)
{
    private const long LogEveryMs = 30_000;

    private IDisposable? _refusal;
    private int _writeError;
    private int _syncError;
    private long _loggedMs = -LogEveryMs;

    /// <summary>aof_last_write_status.</summary>
    public bool IsGood => _writeError == 0 && _syncError == 0;

    /// <summary>The last write failed.</summary>
    public bool WriteFailed => _writeError != 0;

    /// <summary>The last sync failed.</summary>
    public bool SyncFailed => _syncError != 0;

    /// <summary>Time to tell the log once more about a lasting failure.</summary>
    public bool MayLog()
    {
        long nowMs = Environment.TickCount64;
        if (nowMs - _loggedMs < LogEveryMs) return false;
        _loggedMs = nowMs;
        return true;
    }

    /// <summary>A write failed with this error.</summary>
    public void NoteWriteError(int errorNumber) => Note(ref _writeError, errorNumber);

    /// <summary>A write succeeded.</summary>
    public void NoteWritten()
    {
        if (_writeError == 0) return;
        Note(ref _writeError, 0);
        log.Write(LogLevel.Notice, "AOF write error looks solved. The server can write again.");
    }

    /// <summary>A sync ended; 0 when it succeeded.</summary>
    public void NoteSync(int errorNumber) => Note(ref _syncError, errorNumber);

    /// <summary>A new file: what was wrong with the old one does not count.</summary>
    public void Forget()
    {
        if (IsGood) return;
        log.Write(LogLevel.Warning, "AOF reopen, just ignore the last error.");
        _writeError = _syncError = 0;
        _loggedMs = -LogEveryMs;
        Refuse();
    }

    private void Note(ref int place, int errorNumber)
    {
        if (place == errorNumber) return;
        place = errorNumber;
        if (IsGood) _loggedMs = -LogEveryMs;
        Refuse();
    }

    private void Refuse()
    {
        _refusal?.Dispose();
        int error = _writeError != 0 ? _writeError : _syncError;
        _refusal = error == 0 ? null : server.RefuseWrites($"MISCONF Errors writing to the AOF file: {Libc.TextOf(error)}");
    }
}

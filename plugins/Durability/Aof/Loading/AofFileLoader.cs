// Loads one file: a snapshot, commands, or a snapshot with commands behind it (the single file of old servers).
//
// A file that ends in the middle of a command or of a transaction is what a crash leaves behind. When the options allow it,
// such an end is cut off, behind the last whole command outside of any transaction; else the server does not start.
// Holds always: commands run in the order of the file, whole transactions only; the file is changed only by that cut.

using Valkey.Abstractions;
using Valkey.Aof.Files;

namespace Valkey.Aof.Loading;

internal sealed unsafe class AofFileLoader(AofFolder folder, Func<bool> loadsTruncated, ILog log)
{
    private const int ProgressEveryCommands = 1024;
    private const int SignatureBytes = 6;

    private IDatasetLoading _loading = null!;
    private string _name = "";
    private int _descriptor;
    private long _sizeBytes;
    private long _bytesBefore;
    private bool _isLast;

    /// <summary>Bytes that were cut off the last file.</summary>
    public long TruncatedBytes { get; private set; }

    /// <summary>Loads a file of the folder.</summary>
    /// <param name="loading">Takes what it holds.</param>
    /// <param name="name">Its name within the folder.</param>
    /// <param name="bytesBefore">Bytes of the files before it.</param>
    /// <param name="isLast">An incomplete end can be cut off, since nothing follows it.</param>
    public LoadOutcome Load(IDatasetLoading loading, string name, long bytesBefore, bool isLast)
    {
        _isLast = isLast;
        _loading = loading;
        _name = name;
        _bytesBefore = bytesBefore;
        TruncatedBytes = 0;
        _descriptor = Libc.Open(folder.PathOf(name), Libc.OpenReadOnly | Libc.OpenCloseOnExec, 0);
        if (_descriptor < 0) return TellOpenFailure();
        try
        {
            _sizeBytes = Libc.Seek(_descriptor, 0, Libc.SeekEnd);
            if (_sizeBytes == 0) return LoadOutcome.Empty;
            return TryLoadSnapshot(out long offset) ? LoadCommands(offset) : LoadOutcome.Failed;
        }
        finally
        {
            _ = Libc.Close(_descriptor);
        }
    }

    private LoadOutcome TellOpenFailure()
    {
        string error = Libc.LastErrorText;
        Warn(Libc.LastError == Libc.ErrorNoEntry
            ? $"The append log file {_name} doesn't exist: {error}"
            : $"Fatal error: can't open the append log file {_name} for reading: {error}");
        return LoadOutcome.Failed;
    }

    /// <summary>Loads the snapshot that the file begins with, if it does. False, with the reason in the log, when it cannot be read.</summary>
    private bool TryLoadSnapshot(out long sizeBytes)
    {
        sizeBytes = 0;
        if (!BeginsWithSnapshot()) return true;
        bool isOldStyle = _name == folder.FileName;
        log.Write(LogLevel.Notice, isOldStyle ? "Reading RDB preamble from AOF file..." : "Reading RDB base file on AOF loading...");
        try
        {
            _ = Libc.Seek(_descriptor, 0, Libc.SeekSet);
            sizeBytes = _loading.LoadSnapshot(new AofSnapshotSource(_descriptor, _sizeBytes), _bytesBefore);
        }
        catch (Exception exception) when (exception is SnapshotFormatException or IOException)
        {
            Warn(exception.Message);
            Warn(isOldStyle
                ? $"Error reading the RDB preamble of the AOF file {_name}, AOF loading aborted"
                : $"Error reading the RDB base file {_name}, AOF loading aborted");
            return false;
        }

        if (isOldStyle) log.Write(LogLevel.Notice, "Reading the remaining AOF tail...");
        return true;
    }

    private bool BeginsWithSnapshot()
    {
        byte* bytes = stackalloc byte[SignatureBytes];
        _ = Libc.Seek(_descriptor, 0, Libc.SeekSet);
        if (Libc.Read(_descriptor, bytes, SignatureBytes) != SignatureBytes) return false;
        ReadOnlySpan<byte> signature = new(bytes, SignatureBytes);
        return signature.SequenceEqual("REDIS0"u8) || signature.SequenceEqual("VALKEY"u8);
    }

    private LoadOutcome LoadCommands(long offset)
    {
        using AofInput input = new(_descriptor, offset);
        using ICommandReplay replay = _loading.BeginReplay();
        CommandParser parser = new(replay);
        long endOfLastCommand = offset;
        int commandsMax = replay.CommandsMax;
        int untilProgress = 0;
        while (true)
        {
            ParseOutcome outcome = parser.Next(input.Start, input.End, out nint consumed);
            if (outcome == ParseOutcome.Command)
            {
                int collected = replay.EndCommand(endOfLastCommand);
                input.Consume(consumed);
                endOfLastCommand = input.Offset;
                if (collected < commandsMax) continue;
            }
            else if (outcome == ParseOutcome.Annotation)
            {
                input.Consume(consumed);
                continue;
            }

            if (replay.Run() is { } error) return TellCommandError(error);

            untilProgress -= commandsMax;
            if (untilProgress < 0 || outcome != ParseOutcome.Command)
            {
                _loading.Progress(_bytesBefore + input.Offset);
                untilProgress = ProgressEveryCommands;
            }

            if (outcome == ParseOutcome.Malformed) return TellFormatError();
            if (outcome == ParseOutcome.Command || input.TryFill(parser.WantedBytes)) continue;
            return AtEnd(input, replay, endOfLastCommand);
        }
    }

    private LoadOutcome AtEnd(AofInput input, ICommandReplay replay, long endOfLastCommand)
    {
        if (input.Error is { } error)
        {
            Warn($"Unrecoverable error reading the append only file {_name}: {error}");
            return LoadOutcome.Failed;
        }

        if (replay.IsInTransaction) Warn($"Revert incomplete MULTI/EXEC transaction in AOF file {_name}");
        else if (input.AvailableBytes == 0) return LoadOutcome.Loaded;
        return Truncate(replay.IsInTransaction ? replay.TransactionPosition : endOfLastCommand);
    }

    private LoadOutcome Truncate(long goodBytes)
    {
        if (loadsTruncated())
        {
            Warn($"!!! Warning: short read while loading the AOF file {_name}!!!");
            if (!_isLast)
            {
                Warn("Fatal error: the truncated file is not the last file");
                return LoadOutcome.Failed;
            }

            Warn($"!!! Truncating the AOF {_name} at offset {goodBytes} !!!");
            if (Libc.Truncate(folder.PathOf(_name), goodBytes) == 0)
            {
                Warn($"AOF {_name} loaded anyway because aof-load-truncated is enabled");
                TruncatedBytes = _sizeBytes - goodBytes;
                return LoadOutcome.LoadedTruncated;
            }

            Warn($"Error truncating the AOF file {_name}: {Libc.LastErrorText}");
        }

        Warn($"Unexpected end of file reading the append only file {_name}. You can: 1) Make a backup of your AOF file, then use "
            + "./valkey-check-aof --fix <filename.manifest>. 2) Alternatively you can set the 'aof-load-truncated' configuration option "
            + "to yes and restart the server.");
        return LoadOutcome.Failed;
    }

    private LoadOutcome TellCommandError(string error)
    {
        const string Unknown = "unknown command '";
        if (error.StartsWith(Unknown, StringComparison.Ordinal))
        {
            // The words of versions before 9.1, which operators have taught their alarms.
            string name = error[Unknown.Length..Math.Max(error.IndexOf("', with args", StringComparison.Ordinal), Unknown.Length)];
            Warn($"Unknown command '{name}' reading the append only file {_name}");
        }

        Warn($"Error reading the append only file {_name}, error: {error}");
        return LoadOutcome.Failed;
    }

    private LoadOutcome TellFormatError()
    {
        Warn($"Bad file format reading the append only file {_name}: make a backup of your AOF file, then use ./valkey-check-aof --fix "
            + "<filename.manifest>");
        return LoadOutcome.Failed;
    }

    private void Warn(string line) => log.Write(LogLevel.Warning, line);
}

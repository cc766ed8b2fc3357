// What the tests stand on: a folder of their own, a log and a loading that remember, and commands as a file has them.

using System.Text;
using Valkey.Abstractions;
using Valkey.Aof.Files;

namespace Valkey.Aof.Tests;

/// <summary>Remembers lines.</summary>
internal sealed class ListLog : ILog
{
    public List<string> Lines { get; } = [];

    public bool IsEnabled(LogLevel level) => true;

    public void Write(LogLevel level, string message) => Lines.Add(message);
}

/// <summary>Does work at once.</summary>
internal sealed class WorkAtOnce : IBackgroundWork
{
    public void Run(string name, Action work, Action<Exception?>? completed = null)
    {
        work();
        completed?.Invoke(null);
    }

    public void Post(Action callback) => callback();
}

/// <summary>Remembers what is loaded; a snapshot is REDIS0, its length as a digit, and so many bytes.</summary>
internal sealed class RecordingLoading : IDatasetLoading
{
    /// <summary>Commands in order, with their arguments separated by blanks; a transaction's between ( and ).</summary>
    public List<string> Commands { get; } = [];

    public long TotalBytes { get; private set; } = -1;

    public long LastProgress { get; private set; }

    public bool IsOver { get; private set; }

    public IDisposable Begin(long totalBytes)
    {
        TotalBytes = totalBytes;
        return new Ending(() => IsOver = true);
    }

    public void Progress(long bytesRead)
    {
        if (bytesRead < LastProgress) throw new InvalidOperationException("Progress goes back.");
        LastProgress = bytesRead;
    }

    public long LoadSnapshot(ISnapshotSource source, long bytesBefore)
    {
        byte[] buffer = new byte[64]; // more than the snapshot: a format reads ahead
        int count = source.Read(buffer);
        if (count < 7) throw new SnapshotFormatException("Unexpected EOF reading RDB file");
        int length = 7 + (buffer[6] - '0');
        if (length > count) throw new SnapshotFormatException("Unexpected EOF reading RDB file");
        Commands.Add("snapshot " + Encoding.Latin1.GetString(buffer, 7, length - 7));
        return length;
    }

    public ICommandReplay BeginReplay() => new Replay(this);

    private sealed class Ending(Action end) : IDisposable
    {
        public void Dispose() => end();
    }

    /// <summary>Keeps spans as pointers, as the server does, so that a buffer that moves too early is found out.</summary>
    private sealed unsafe class Replay(RecordingLoading loading) : ICommandReplay
    {
        private readonly List<(nint Start, int Length)> _arguments = [];
        private readonly List<(int First, int Count, long Position)> _commands = [];
        private readonly List<string> _queue = [];
        private int _first;

        public int CommandsMax => 3;

        public bool IsInTransaction { get; private set; }

        public long TransactionPosition { get; private set; }

        public void Add(ReadOnlySpan<byte> argument)
        {
            fixed (byte* start = argument) _arguments.Add(((nint)start, argument.Length));
        }

        public int EndCommand(long position)
        {
            _commands.Add((_first, _arguments.Count - _first, position));
            _first = _arguments.Count;
            return _commands.Count;
        }

        public void DropCommand() => _arguments.RemoveRange(_first, _arguments.Count - _first);

        public string? Run()
        {
            string? error = null;
            foreach ((int first, int count, long position) in _commands)
            {
                string text = string.Join(' ', _arguments.GetRange(first, count).ConvertAll(Text));
                if (text.StartsWith("UNKNOWN", StringComparison.Ordinal)) error = "unknown command";
                if (error is not null) break;
                Take(text, position);
            }

            _commands.Clear();
            _arguments.Clear();
            _first = 0;
            return error;
        }

        public void Dispose()
        {
        }

        private void Take(string text, long position)
        {
            if (text == "MULTI" && !IsInTransaction)
            {
                IsInTransaction = true;
                TransactionPosition = position;
            }
            else if (text == "EXEC" && IsInTransaction)
            {
                loading.Commands.Add("(" + string.Join(',', _queue) + ")");
                _queue.Clear();
                IsInTransaction = false;
            }
            else if (IsInTransaction)
            {
                _queue.Add(text);
            }
            else
            {
                loading.Commands.Add(text);
            }
        }

        private static string Text((nint Start, int Length) argument) =>
            Encoding.Latin1.GetString(new ReadOnlySpan<byte>((void*)argument.Start, argument.Length));
    }
}

/// <summary>A working directory of its own, with a folder of files and a log.</summary>
internal sealed class AofWorkspace : IDisposable
{
    private readonly string _previous = Directory.GetCurrentDirectory();
    private readonly string _path = Directory.CreateTempSubdirectory("valkey-aof-").FullName;

    public AofWorkspace()
    {
        Directory.SetCurrentDirectory(_path);
        Folder = new AofFolder(static () => "aofdir", static () => "log.aof", Log, new WorkAtOnce());
    }

    public ListLog Log { get; } = new();

    public AofFolder Folder { get; }

    /// <summary>A command as a file has it.</summary>
    public static byte[] Command(params string[] words)
    {
        StringBuilder text = new($"*{words.Length}\r\n");
        foreach (string word in words) text.Append($"${word.Length}\r\n{word}\r\n");
        return Encoding.Latin1.GetBytes(text.ToString());
    }

    /// <summary>Several pieces as one.</summary>
    public static byte[] Join(params byte[][] pieces) => [.. pieces.SelectMany(static piece => piece)];

    /// <summary>Text as bytes.</summary>
    public static byte[] Text(string text) => Encoding.Latin1.GetBytes(text);

    /// <summary>Writes a file of the folder.</summary>
    public void Write(string name, params byte[][] pieces)
    {
        Directory.CreateDirectory(Folder.Name);
        File.WriteAllBytes(Folder.PathOf(name), Join(pieces));
    }

    /// <summary>Writes the manifest and reads it again, as a start does.</summary>
    public bool Manifest(string text)
    {
        Write(Folder.ManifestName, Text(text));
        return Folder.TryReadManifest();
    }

    public byte[] Read(string name) => File.ReadAllBytes(Folder.PathOf(name));

    public void Dispose()
    {
        Directory.SetCurrentDirectory(_previous);
        Directory.Delete(_path, recursive: true);
    }
}

// Puts what a snapshot holds into the databases: reserved in one piece, without events, and with clients served in
// between.
//
// Holds always: a key is in its database once. What stops the loading is thrown from here or from the format; the databases
// then hold a part of the snapshot, and the caller decides what becomes of it.

using System.Globalization;
using System.Text;
using Valkey.Abstractions;
using Valkey.Host.Keyspace;
using Valkey.Structures;

namespace Valkey.Host.Snapshots;

internal sealed class LoadingReceiver : ISnapshotReceiver
{
    private const int EmptyKeysLoggedMax = 10;
    private const int ShownKeyMax = 128;
    private const double BytesPerMegabyte = 1024 * 1024;

    private readonly Server _server;
    private readonly LoadingOptions _options;
    private readonly LoadingState _state;
    private Database _database;

    public LoadingReceiver(Server server, LoadingState state, LoadingOptions options)
    {
        _server = server;
        _state = state;
        _options = options;
        _database = server.Databases[0];
        DropExpiredAtUnixMs = options.KeepsExpired ? 0 : server.Clock.UnixMs;
    }

    /// <inheritdoc/>
    public long DropExpiredAtUnixMs { get; }

    /// <inheritdoc/>
    public void Begin(int formatVersion) => _options.Accepted?.Invoke();

    /// <inheritdoc/>
    public void Field(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        string field = Encoding.UTF8.GetString(name);
        string text = Encoding.UTF8.GetString(value);
        _ = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number);
        _options.Fields?.TryAdd(field.ToLowerInvariant(), text);
        switch (field.ToLowerInvariant())
        {
            case "redis-ver": Log($"Loading RDB produced by Redis version {text}"); break;
            case "valkey-ver": Log($"Loading RDB produced by Valkey version {text}"); break;
            case "ctime": Log($"RDB age {Math.Max(_server.Clock.UnixSeconds - number, 0)} seconds"); break;
            case "used-mem": NoteUsedMemory(number); break;
            case "aof-preamble" when number != 0: Log("RDB has an AOF tail"); break;
            case "aof-base" when number != 0: Log("RDB is base AOF"); break;
            case "aof-preamble" or "aof-base" or "redis-bits" or "lua" or "repl-stream-db" or "repl-id" or "repl-offset": break;
            default: NoteOther(field, text); break;
        }
    }

    /// <inheritdoc/>
    public bool BeginDatabase(long index)
    {
        if (index >= _server.Databases.Length)
        {
            _server.Log.Write(
                LogLevel.Warning,
                $"FATAL: Data file was created with a Valkey server configured to handle more than {_server.Databases.Length} databases. Exiting");
            return false;
        }

        _database = _server.Databases[index];
        return true;
    }

    /// <inheritdoc/>
    public void SizeHint(long keyCount, long expiringCount)
    {
        _database.Keys.Reserve(_database.Keys.Count + keyCount);
        _database.Expires.Reserve(_database.Expires.Count + expiringCount);
    }

    /// <inheritdoc/>
    public bool Entry(KeyEntry entry, DataType type, long idleSeconds, int frequency)
    {
        Entry added = new(entry.Address);
        ulong hash = KeyHash.Of(added.Key);
        Entry existing = _database.Find(added.Key, hash);
        if (!existing.IsNull && !_options.ReplacesDuplicates)
        {
            _server.Log.Write(LogLevel.Warning, $"RDB has duplicated key '{Shown(added.Key)}' in DB {_database.Index}");
            _server.DataTypes.Free(added);
            return false;
        }

        added.AccessClock = _server.AccessClock.Initial;
        _server.AccessClock.SetUsage(added, idleSeconds, frequency);
        if (!existing.IsNull) _server.Keyspace.Delete(_database, added.Key, hash, lazily: false); // tells a save that still needs it
        _database.Add(added, hash);
        _state.KeysLoaded++;
        if (_server.Options.KeyLoadDelay.Value != 0) Delay(_server.Options.KeyLoadDelay.Value);
        return true;
    }

    /// <inheritdoc/>
    public void Dropped(ReadOnlySpan<byte> key, DroppedKeyReason reason)
    {
        if (reason == DroppedKeyReason.Expired)
        {
            _state.KeysExpired++;
            _options.Expired?.Invoke(_database.Index, key);
        }
        else if (reason == DroppedKeyReason.AllFieldsExpired)
        {
            _state.ExpiredHashes++;
        }
        else if (_state.EmptyKeys++ < EmptyKeysLoggedMax)
        {
            Log($"rdbLoadObject skipping empty key: {Shown(key)}");
        }

        if (_server.Options.KeyLoadDelay.Value != 0) Delay(_server.Options.KeyLoadDelay.Value);
    }

    /// <inheritdoc/>
    public string? Function(ReadOnlySpan<byte> source) => "functions need a scripting plugin, and none is loaded";

    /// <inheritdoc/>
    public long Progress(long bytesRead) => _options.Progress(bytesRead);

    /// <inheritdoc/>
    public DataType? TypeOf(byte typeCode)
    {
        foreach (DataType type in _server.DataTypes.All)
        {
            if (type.ModuleId == 0 && type.LoadsTypeCode(typeCode)) return type;
        }

        return null;
    }

    /// <inheritdoc/>
    public DataType? ModuleTypeOf(ulong moduleId)
    {
        foreach (DataType type in _server.DataTypes.All)
        {
            if (type.ModuleId != 0 && ModuleTypeId.IsSameType(type.ModuleId, moduleId)) return type;
        }

        return null;
    }

    /// <summary>key-load-delay: microseconds, or -n for one microsecond at every n-th key.</summary>
    internal static void Delay(long delayUs)
    {
        if (delayUs < 0) delayUs = Random.Shared.NextInt64(-delayUs) == 0 ? 1 : 0;
#pragma warning disable RS0030 // to load slowly is what the option is for
        if (delayUs > 0) Thread.Sleep(TimeSpan.FromMicroseconds(delayUs));
#pragma warning restore RS0030
    }

    private void NoteUsedMemory(long bytes)
    {
        _state.UsedMemoryBytes = bytes;
        Log(string.Create(CultureInfo.InvariantCulture, $"RDB memory usage when created {bytes / BytesPerMegabyte:F2} Mb"));
    }

    private void NoteOther(string field, string text)
    {
        if (field.StartsWith('%')) Log($"RDB '{field}': {text}");
        else if (_server.Log.IsEnabled(LogLevel.Debug)) _server.Log.Write(LogLevel.Debug, $"Unrecognized RDB AUX field: '{field}'");
    }

    private void Log(string line) => _server.Log.Write(LogLevel.Notice, line);

    private static string Shown(ReadOnlySpan<byte> key) => Encoding.UTF8.GetString(key[..Math.Min(key.Length, ShownKeyMax)]);
}

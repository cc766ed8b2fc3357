// What a dataset consists of, in a form that can be compared: the model, and a consumer that fills one.

using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Valkey.Abstractions;
using Valkey.Host;
using Valkey.Host.Keyspace;
using Valkey.Structures;

namespace Valkey.Iteration.Tests;

/// <summary>Database, key, type, expiry and a digest of the value of every key.</summary>
internal sealed class Recording
{
    private readonly Dictionary<string, string> _keys = [];
    private readonly List<string> _twice = [];

    public int Count => _keys.Count;

    public bool Has(int databaseIndex, string key) => _keys.ContainsKey($"{databaseIndex}/{key}");

    /// <summary>The dataset as it is now.</summary>
    public static Recording Of(Server server)
    {
        Recording recording = new();
        foreach (Database database in server.Databases)
        {
            foreach (nint address in database.Keys) recording.Add(database.Index, server.Snapshots.Dataset.EntryFor(new Entry(address)));
        }

        return recording;
    }

    public void Add(int databaseIndex, in SnapshotEntry entry)
    {
        string name = databaseIndex.ToString(CultureInfo.InvariantCulture) + "/" + Encoding.Latin1.GetString(entry.Key);
        DigestSink sink = new();
        entry.Type.Digest(entry.Value, sink);
        string value = $"{entry.Type.Name} {entry.ExpireAtUnixMs} {entry.Type.ElementCount(entry.Value)} {sink.Text}";
        if (!_keys.TryAdd(name, value)) _twice.Add(name);
    }

    /// <summary>What is different in another one, for a failure message; empty when nothing is.</summary>
    public string DifferencesTo(Recording other)
    {
        StringBuilder text = new();
        foreach (string name in other._twice) text.AppendLine(CultureInfo.InvariantCulture, $"twice: {name}");
        foreach ((string name, string value) in _keys)
        {
            if (!other._keys.TryGetValue(name, out string? found)) text.AppendLine(CultureInfo.InvariantCulture, $"missing: {name} = {value}");
            else if (found != value) text.AppendLine(CultureInfo.InvariantCulture, $"different: {name} = {value}, got {found}");
        }

        foreach ((string name, string value) in other._keys)
        {
            if (!_keys.ContainsKey(name)) text.AppendLine(CultureInfo.InvariantCulture, $"too much: {name} = {value}");
        }

        return text.ToString();
    }

    private sealed class DigestSink : IDigestSink
    {
        private readonly byte[] _unordered = new byte[32];
        private byte[] _ordered = new byte[32];

        public string Text => Convert.ToHexString(_unordered)[..16] + Convert.ToHexString(_ordered)[..16];

        public void AddUnordered(ReadOnlySpan<byte> element)
        {
            Span<byte> hash = stackalloc byte[32];
            SHA256.HashData(element, hash);
            for (int i = 0; i < hash.Length; i++) _unordered[i] += hash[i];
        }

        public void AddOrdered(ReadOnlySpan<byte> element) => _ordered = SHA256.HashData([.. _ordered, .. element]);
    }
}

/// <summary>Takes what an iteration lends, as slowly as the test wants.</summary>
internal sealed class RecordingConsumer : IIterationConsumer
{
    private readonly object _lock = new();
    private volatile bool _isHeld;
    private volatile string? _working;

    /// <summary>What came.</summary>
    public Recording Recording { get; } = new();

    /// <summary>Called for each entry, on the iteration's thread, while nobody may change it.</summary>
    public Action? Delay { get; init; }

    /// <summary>After so many entries it fails.</summary>
    public int FailsAfter { get; init; } = int.MaxValue;

    public bool? Finished { get; private set; }

    public bool? EndedComplete { get; private set; }

    /// <summary>The key that it is held in, or null.</summary>
    public string? Working => _working;

    /// <summary>While this is true it stays in the entry that it got.</summary>
    public bool IsHeld
    {
        get => _isHeld;
        set
        {
            _isHeld = value;
            lock (_lock) Monitor.PulseAll(_lock);
        }
    }

    public bool Process(int databaseIndex, in SnapshotEntry entry)
    {
        _working = Encoding.Latin1.GetString(entry.Key);
        lock (_lock)
        {
            while (_isHeld) Monitor.Wait(_lock);
        }

        Delay?.Invoke();
        Recording.Add(databaseIndex, entry);
        _working = null;
        return Recording.Count < FailsAfter;
    }

    public void Finish(bool complete) => Finished = complete;

    public void Ended(bool complete) => EndedComplete = complete;
}

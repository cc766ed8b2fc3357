// Clients that are told of every change of keys with a prefix. Keys are collected while requests run, and each prefix's
// clients get one message with all of them before replies are sent.
// Holds always: a prefix is here while a client has it; a collected key stands once, with the client that changed it last.
// Command thread only.

using System.Buffers;
using Valkey.Structures;

namespace Valkey.ClientTracking;

internal sealed class Broadcasts(Invalidations invalidations)
{
    private readonly List<Prefix> _prefixes = [];

    /// <summary>How many prefixes there are.</summary>
    public int PrefixCount => _prefixes.Count;

    /// <summary>A client wants to be told of keys with a prefix; no change when it is already.</summary>
    public void Add(TrackedClient client, byte[] prefix)
    {
        Prefix? found = Find(prefix);
        if (found is null) _prefixes.Add(found = new Prefix(prefix));
        if (found.Clients.Contains(client)) return;
        found.Clients.Add(client);
        client.AddPrefix(prefix);
    }

    /// <summary>A client broadcasts no more.</summary>
    public void Remove(TrackedClient client)
    {
        foreach (byte[] prefix in client.Prefixes)
        {
            Prefix found = Find(prefix)!;
            found.Clients.Remove(client);
            if (found.Clients.Count > 0) continue;
            found.Free();
            _prefixes.Remove(found);
        }

        client.Prefixes.Clear();
    }

    /// <summary>A key changed.</summary>
    public void KeyChanged(ReadOnlySpan<byte> key, long changedBy)
    {
        foreach (Prefix prefix in _prefixes)
        {
            if (key.StartsWith(prefix.Bytes)) prefix.Collect(key, changedBy);
        }
    }

    /// <summary>Sends what was collected.</summary>
    public void Send()
    {
        foreach (Prefix prefix in _prefixes)
        {
            if (prefix.HasKeys) Send(prefix);
        }
    }

    private void Send(Prefix prefix)
    {
        byte[]? forAll = null;
        foreach (TrackedClient client in prefix.Clients)
        {
            byte[]? keys = client.Has(TrackingModes.NoLoop)
                ? prefix.Encode(exceptChangedBy: client.Client.Id)
                : forAll ??= prefix.Encode(exceptChangedBy: Prefix.NobodyId);
            if (keys is not null) invalidations.KeysChanged(client, keys);
        }

        prefix.Forget();
    }

    private Prefix? Find(byte[] prefix) => _prefixes.Find(other => other.Bytes.AsSpan().SequenceEqual(prefix));

    private sealed class Prefix(byte[] bytes)
    {
        /// <summary>No client has this id.</summary>
        public const long NobodyId = -1;

        private NativeTable<NamedIdsTraits> _keys = NativeTable<NamedIdsTraits>.Create();

        public byte[] Bytes { get; } = bytes;

        public List<TrackedClient> Clients { get; } = [];

        public bool HasKeys => _keys.Count > 0;

        public void Collect(ReadOnlySpan<byte> key, long changedBy)
        {
            ulong hash = KeyHash.Of(key);
            NamedIds found = new(_keys.Find(key, hash));
            if (found.IsNull)
            {
                found = NamedIds.Create(key);
                _keys.Insert(found.Address, hash);
            }
            else
            {
                found.Remove(found.Ids[0]);
            }

            found.Add(changedBy);
        }

        /// <summary>The keys as an array of bulk strings, in the order of their bytes; null when none is left.</summary>
        public byte[]? Encode(long exceptChangedBy)
        {
            nint[] entries = ArrayPool<nint>.Shared.Rent((int)_keys.Count);
            int count = 0;
            int sizeMax = RespText.HeaderSizeMax;
            foreach (nint entry in _keys)
            {
                NamedIds key = new(entry);
                if (key.Ids[0] == exceptChangedBy) continue;
                entries[count++] = entry;
                sizeMax = checked(sizeMax + RespText.BulkSizeMax(key.Name.Length));
            }

            entries.AsSpan(0, count).Sort(static (one, other) => new NamedIds(one).Name.SequenceCompareTo(new NamedIds(other).Name));
            byte[]? encoded = count == 0 ? null : Encode(entries.AsSpan(0, count), sizeMax);
            ArrayPool<nint>.Shared.Return(entries);
            return encoded;
        }

        public void Forget()
        {
            Free();
            _keys = NativeTable<NamedIdsTraits>.Create();
        }

        public void Free()
        {
            Freer freer = default;
            _keys.Free(ref freer);
        }

        private static byte[] Encode(ReadOnlySpan<nint> entries, int sizeMax)
        {
            byte[] bytes = new byte[sizeMax];
            RespText text = new(bytes);
            text.Header((byte)'*', entries.Length);
            foreach (nint entry in entries) text.Bulk(new NamedIds(entry).Name);
            return bytes.AsSpan(0, text.Length).ToArray();
        }
    }

    private readonly struct Freer : IEntryVisitor
    {
        public void Visit(nint entry) => new NamedIds(entry).Free();
    }
}

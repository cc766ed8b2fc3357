// The last events in a ring, and how many there were of each class.
// It is called inline, inside the command that caused the event: so appending allocates nothing, copies what it keeps (the
// event is valid during the call only), and takes the same time whatever the ring's size. Command thread only.

using System.Numerics;
using Valkey.Abstractions;

namespace Valkey.Samples.KeyAudit;

/// <summary>What happened lately.</summary>
internal sealed class AuditLog(int ringSize)
{
    /// <summary>The most events that can be kept: with their texts some 27 MB.</summary>
    public const int RingSizeMax = 100_000;

    /// <summary>The longest key that is kept whole; of longer ones the beginning is.</summary>
    public const int KeyBytesMax = 200;

    private const int NameBytesMax = 32;
    private const int ClassCount = 32; // one per bit of the mask

    private readonly long[] _counts = new long[ClassCount];
    private Record[] _ring = NewRing(ringSize);

    /// <summary>Events since the module came or the last reset.</summary>
    public long SeenCount { get; private set; }

    /// <summary>How many of them are still in the ring.</summary>
    public int KeptCount { get; private set; }

    /// <summary>How many events of a class there were.</summary>
    public long CountOf(KeyspaceEvent eventClass) => _counts[BitOperations.Log2((uint)eventClass)];

    /// <summary>Notes an event.</summary>
    public void Append(in KeyspaceEventInfo info)
    {
        ref Record record = ref _ring[(int)(SeenCount % _ring.Length)];
        record.Number = ++SeenCount;
        record.AtUnixMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        record.DatabaseIndex = info.DatabaseIndex;
        record.NameLength = Keep(info.Name, record.Name);
        record.KeyLength = Keep(info.Key, record.Key);
        KeptCount = Math.Min(KeptCount + 1, _ring.Length);
        _counts[BitOperations.Log2((uint)info.EventClass)]++;
    }

    /// <summary>The newest event is 0, the one before it 1, up to <see cref="KeptCount"/> - 1.</summary>
    public ref readonly Record Newest(int age) => ref _ring[(int)((SeenCount - 1 - age) % _ring.Length)];

    /// <summary>Forgets everything.</summary>
    public void Reset()
    {
        Array.Clear(_counts);
        SeenCount = 0;
        KeptCount = 0;
    }

    /// <summary>Makes room for another number of events; as many of the newest as fit stay.</summary>
    public string? Resize(int ringSize)
    {
        Record[] ring = NewRing(ringSize);
        int keptCount = Math.Min(KeptCount, ringSize);
        for (int age = 0; age < keptCount; age++) ring[(int)((SeenCount - 1 - age) % ringSize)] = Newest(age);
        _ring = ring;
        KeptCount = keptCount;
        return null;
    }

    private static int Keep(ReadOnlySpan<byte> bytes, byte[] into)
    {
        int length = Math.Min(bytes.Length, into.Length);
        bytes[..length].CopyTo(into);
        return length;
    }

    // All memory at once: an event must not have to allocate.
    private static Record[] NewRing(int size)
    {
        Record[] ring = new Record[size];
        for (int i = 0; i < size; i++) ring[i] = new Record { Name = new byte[NameBytesMax], Key = new byte[KeyBytesMax] };
        return ring;
    }

    /// <summary>One event.</summary>
    internal struct Record
    {
        public long Number;
        public long AtUnixMs;
        public int DatabaseIndex;
        public int NameLength;
        public int KeyLength;
        public required byte[] Name;
        public required byte[] Key;

        public readonly ReadOnlySpan<byte> NameBytes => Name.AsSpan(0, NameLength);

        public readonly ReadOnlySpan<byte> KeyBytes => Key.AsSpan(0, KeyLength);
    }
}

// The format of a snapshot (RDB): writing one key after the other, and reading a file back. What a key's value consists of
// is the business of its DataType; the format frames it.

namespace Valkey.Abstractions;

/// <summary>Takes the bytes of a snapshot: a file, a pipe, connections, memory.</summary>
/// <remarks>A failure is kept and not thrown, because a forked child must not throw: what follows it is ignored.</remarks>
public interface ISnapshotSink
{
    /// <summary>Takes bytes; may keep them in a buffer of its own.</summary>
    void Write(ReadOnlySpan<byte> bytes);

    /// <summary>Hands on whatever it keeps.</summary>
    void Flush();

    /// <summary>Bytes taken so far.</summary>
    long BytesWritten { get; }

    /// <summary>The error number of the operating system that ended it, 0 while there is none.</summary>
    int ErrorNumber { get; }
}

/// <summary>A sink that ends in a file. May be used in a forked child: nothing here allocates, locks or throws.</summary>
/// <remarks>A file that cannot be created is a sink with an <see cref="ISnapshotSink.ErrorNumber"/> from its beginning.</remarks>
public interface ISnapshotFileSink : ISnapshotSink, IDisposable
{
    /// <summary>The open file, -1 when there is none.</summary>
    int Descriptor { get; }

    /// <summary>Hands everything on and waits until the disk has it. True when the whole file is safe.</summary>
    bool Complete();
}

/// <summary>What stands at the head of a snapshot.</summary>
public sealed class SnapshotHeader
{
    /// <summary>Fields in order, as name and value: <c>valkey-ver</c>, <c>ctime</c>, <c>used-mem</c>, replication fields ….</summary>
    public required IReadOnlyList<(string Name, string Value)> Fields { get; init; }
}

/// <summary>A key on its way into a snapshot.</summary>
public readonly ref struct SnapshotEntry(
    ReadOnlySpan<byte> key, DataType type, StoredValue value, long expireAtUnixMs, long idleSeconds, int frequency)
{
    /// <summary>The key.</summary>
    public ReadOnlySpan<byte> Key { get; } = key;

    /// <summary>Knows how to save the value.</summary>
    public DataType Type { get; } = type;

    /// <summary>The value.</summary>
    public StoredValue Value { get; } = value;

    /// <summary>When it expires, -1 for never.</summary>
    public long ExpireAtUnixMs { get; } = expireAtUnixMs;

    /// <summary>Seconds since the last use, -1 when the eviction policy does not ask for it.</summary>
    public long IdleSeconds { get; } = idleSeconds;

    /// <summary>Logarithmic frequency of use, 0 to 255, -1 when the eviction policy does not ask for it.</summary>
    public int Frequency { get; } = frequency;
}

/// <summary>Writes one snapshot. All that it needs is allocated when it is made: the methods allocate no managed memory, take no lock and do not throw, also in a forked child.</summary>
public interface ISnapshotWriter : IDisposable
{
    /// <summary>Where it goes.</summary>
    ISnapshotSink Sink { get; }

    /// <summary>The magic and the header.</summary>
    void Begin();

    /// <summary>What follows is of this database. A database that was announced before may be announced again.</summary>
    /// <param name="index">Its number.</param>
    /// <param name="keyCount">Keys that follow, roughly; -1 to say nothing.</param>
    /// <param name="expiringCount">How many of them expire.</param>
    void BeginDatabase(int index, long keyCount, long expiringCount);

    /// <summary>One key.</summary>
    void WriteEntry(in SnapshotEntry entry);

    /// <summary>The end mark and the checksum; flushes the sink.</summary>
    void End();
}

/// <summary>Gives the bytes of a snapshot that is loaded.</summary>
public interface ISnapshotSource
{
    /// <summary>Fills as much as there is, at least one byte; 0 at the end.</summary>
    int Read(Span<byte> buffer);

    /// <summary>Bytes in all, -1 when that is not known.</summary>
    long LengthBytes { get; }
}

/// <summary>Why a key of a snapshot is not loaded.</summary>
public enum DroppedKeyReason
{
    /// <summary>Its time was over.</summary>
    Expired,

    /// <summary>Its value has no elements; old servers could write such keys.</summary>
    Empty,

    /// <summary>It is a hash whose fields' time was over.</summary>
    AllFieldsExpired,
}

/// <summary>Takes what is found in a snapshot that is loaded. Command thread.</summary>
public interface ISnapshotReceiver
{
    /// <summary>The head is one that can be read; called first. Until then nothing was touched for this snapshot.</summary>
    void Begin(int formatVersion);

    /// <summary>A field of the header.</summary>
    void Field(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value);

    /// <summary>What follows is of this database. False when there is none of that number.</summary>
    bool BeginDatabase(long index);

    /// <summary>Sizes of the database that follows, for making room at once; never more than the snapshot can hold.</summary>
    void SizeHint(long keyCount, long expiringCount);

    /// <summary>
    /// A key. The entry belongs to the receiver from now on; it carries its expiry already. False when the key is there already:
    /// the file is damaged, and the entry was freed.
    /// </summary>
    bool Entry(KeyEntry entry, DataType type, long idleSeconds, int frequency);

    /// <summary>
    /// Milliseconds of unix time: keys and fields that were over then are not loaded. 0 to load them all, as on a replica.
    /// </summary>
    long DropExpiredAtUnixMs { get; }

    /// <summary>A key was left out.</summary>
    void Dropped(ReadOnlySpan<byte> key, DroppedKeyReason reason);

    /// <summary>The source of a function library; null when it was taken, else why not.</summary>
    string? Function(ReadOnlySpan<byte> source);

    /// <summary>Bytes read so far, so that clients can be served meanwhile. What it throws ends the loading.</summary>
    /// <returns>At how many bytes it wants to be called again; also called sooner.</returns>
    long Progress(long bytesRead);

    /// <summary>The type that loads this type code, or null.</summary>
    DataType? TypeOf(byte typeCode);

    /// <summary>The module type of that id (of whatever encoding version), or null.</summary>
    DataType? ModuleTypeOf(ulong moduleId);
}

/// <summary>A snapshot cannot be read. The message says at which offset, in which key and why.</summary>
public sealed class SnapshotFormatException(string message) : Exception(message)
{
    /// <summary>It is none, or of a version that is not read: nothing of it was used, and the receiver was not called.</summary>
    public bool IsUnknown { get; init; }
}

/// <summary>Makes payloads for RESTORE. No managed allocation after it was made, no lock, no exception, also in a forked child.</summary>
public interface IValueDumper : IDisposable
{
    /// <summary>The payload of a value; valid until the next one.</summary>
    ReadOnlySpan<byte> Make(DataType type, in StoredValue value);
}

/// <summary>A format of snapshots.</summary>
public interface ISnapshotFormat
{
    /// <summary><c>rdb</c>.</summary>
    string Name { get; }

    /// <summary>Makes a writer, with everything that it will need. Command thread, at the moment that the snapshot shows.</summary>
    ISnapshotWriter CreateWriter(ISnapshotSink sink, SnapshotHeader header);

    /// <summary>Reads a snapshot into the receiver. The source may go on behind it.</summary>
    /// <returns>The size of the snapshot, bytes.</returns>
    /// <exception cref="SnapshotFormatException">It is truncated, damaged, too new, or holds what no plugin can load.</exception>
    long Load(ISnapshotSource source, ISnapshotReceiver receiver);

    /// <summary>Checksums are neither compared on loading nor on RESTORE: for tests with damaged data.</summary>
    bool SkipsChecksums { get => false; set { } }

    /// <summary>Makes single values into what RESTORE takes; null when this format has nothing of the kind.</summary>
    IValueDumper? CreateDumper() => null;

    /// <summary>How many compact encodings were checked element by element so far: <c>sanitize-dump-payload</c>.</summary>
    long SanitizationCount => 0;
}

// A key type, built in or a module's: one contract for both. The server calls it for everything that it must be able to do
// with a value without knowing what it is.

namespace Valkey.Abstractions;

/// <summary>Describes a key type. One instance per type, registered once.</summary>
/// <remarks>Command thread unless a member says otherwise.</remarks>
public abstract class DataType
{
    private const int IterationSamples = 5;

    /// <summary>What TYPE answers.</summary>
    public abstract string Name { get; }

    /// <summary>The number under which entries refer to the type; given by the registry, 0 before.</summary>
    public byte Id { get; internal set; }

    /// <summary>
    /// Of a module's type, the id under which RDB files hold it (<see cref="ModuleTypeId.Of"/>). 0 for types that have type
    /// codes of their own in the format.
    /// </summary>
    /// <remarks>
    /// <see cref="Save"/> of such a type begins with <see cref="ModuleTypeId.TypeCode"/>; the host then writes the id, marks
    /// each part by its kind, and ends the value, so that files can be checked without the module.
    /// </remarks>
    public virtual ulong ModuleId => 0;

    /// <summary>What OBJECT ENCODING answers.</summary>
    public abstract string EncodingName(in StoredValue value);

    /// <summary>Frees what the value owns outside of its entry. Any thread; no longer reachable by anybody else.</summary>
    public abstract void Free(in StoredValue value);

    /// <summary>How many allocations freeing takes, roughly: above a threshold it is done by the lazy-free thread.</summary>
    public virtual long FreeEffort(in StoredValue value) => 1;

    /// <summary>Duplicates the value for COPY into a new entry under <paramref name="key"/>, which belongs to the caller.</summary>
    public abstract KeyEntry Copy(ReadOnlySpan<byte> key, in StoredValue value, IEntryFactory factory);

    /// <summary>
    /// Duplicates the value for a background iteration. Of value and copy one goes on in the keyspace, the other is read and freed by
    /// another thread; which is which the type does not know. They may share memory that neither changes, so that little is copied.
    /// </summary>
    /// <param name="key">The key of the new entry, which belongs to the caller.</param>
    /// <param name="value">The value; another thread may be reading it.</param>
    /// <param name="factory">Makes the entry.</param>
    /// <param name="addedBytes">Bytes of memory that the two take more than the value did, beside the entry; estimated.</param>
    public virtual KeyEntry CopyForIteration(ReadOnlySpan<byte> key, in StoredValue value, IEntryFactory factory, out long addedBytes)
    {
        addedBytes = MemoryUsageBytes(value, IterationSamples);
        return Copy(key, value, factory);
    }

    /// <summary>Bytes of native memory that the value owns outside of its entry.</summary>
    /// <param name="value">The value.</param>
    /// <param name="samples">How many elements to look at before extrapolating; 0 for all.</param>
    public abstract long MemoryUsageBytes(in StoredValue value, int samples);

    /// <summary>Number of elements; length in bytes of a string.</summary>
    public abstract long ElementCount(in StoredValue value);

    /// <summary>Writes the value for a snapshot. Also on a snapshot thread, or in a forked child: no managed allocation.</summary>
    public abstract void Save(in StoredValue value, IValueWriter writer);

    /// <summary>Whether <see cref="Load"/> reads values of this RDB type code. Not for module types, which go by <see cref="ModuleId"/>.</summary>
    /// <remarks>
    /// Codes of encodings that nobody writes any more (zipmap, ziplist, the first quicklist) never arrive here: the format hands
    /// them on as the code that took their place.
    /// </remarks>
    public virtual bool LoadsTypeCode(byte typeCode) => false;

    /// <summary>Reads a value back into a new entry; an entry without key address when the value turned out to be empty.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a value of this type; the message says where and why.</exception>
    public abstract KeyEntry Load(ReadOnlySpan<byte> key, IValueReader reader, IEntryFactory factory);

    /// <summary>
    /// Writes commands that make the value, for an append-only file without a snapshot in front
    /// (<c>aof-use-rdb-preamble no</c>). The key's own expiry is written by the caller. Also on a snapshot thread, or in a forked
    /// child: no managed allocation.
    /// </summary>
    /// <returns>False when the type cannot: the value is then written as what DUMP gives, for RESTORE.</returns>
    public virtual bool Rewrite(ReadOnlySpan<byte> key, in StoredValue value, IRewriteWriter writer) => false;

    /// <summary>Feeds the content, order-independent where the type has no order, into a digest.</summary>
    public abstract void Digest(in StoredValue value, IDigestSink sink);

    /// <summary>What DEBUG OBJECT adds about the value, each fact with a space before it: <c> name:value</c>.</summary>
    /// <param name="value">The value.</param>
    /// <param name="fast">Leave out what takes time to find out.</param>
    public virtual string DebugFacts(in StoredValue value, bool fast) => "";

    /// <summary>How the value lies in memory, part by part, for DEBUG LISTPACK and DEBUG QUICKLIST; empty when there is nothing to tell.</summary>
    /// <param name="value">The value.</param>
    /// <param name="full">With the content of the parts.</param>
    public virtual string DebugStructure(in StoredValue value, bool full) => "";

    /// <summary>Adds to the payload's native parts a chance to move to less fragmented memory; returns the payload to store.</summary>
    public virtual long Defrag(in StoredValue value, IDefragmenter defragmenter) => value.Payload;
}

/// <summary>Builds entries for keys.</summary>
public interface IEntryFactory
{
    /// <summary>An entry that holds a payload word.</summary>
    KeyEntry Create(ReadOnlySpan<byte> key, DataType type, byte encoding, long payload);

    /// <summary>An entry that embeds up to 255 bytes of value.</summary>
    KeyEntry CreateEmbedded(ReadOnlySpan<byte> key, DataType type, byte encoding, ReadOnlySpan<byte> value);
}

/// <summary>Receives a value's parts while it is saved, in the RDB format's elements.</summary>
public interface IValueWriter
{
    /// <summary>The RDB type code of what follows; first call of every save.</summary>
    void TypeCode(byte code);

    /// <summary>A length or an unsigned number.</summary>
    void Length(ulong value);

    /// <summary>A string, compressed where configured.</summary>
    void String(ReadOnlySpan<byte> bytes);

    /// <summary>An integer as the format's integer-encoded string.</summary>
    void IntegerString(long value);

    /// <summary>A double, 8 bytes little-endian.</summary>
    void Double(double value);

    /// <summary>A number of 8 bytes, little-endian: milliseconds of unix time.</summary>
    void Int64(long value);
}

/// <summary>Gives a value's parts back while it is loaded. Every method throws <see cref="InvalidDataException"/> at the end of the data.</summary>
public interface IValueReader
{
    /// <summary>The RDB type code that was read.</summary>
    byte TypeCode { get; }

    /// <summary>A length or an unsigned number.</summary>
    ulong Length();

    /// <summary>A string; valid until the next call.</summary>
    ReadOnlySpan<byte> String();

    /// <summary>A double: 8 bytes little-endian, or the old decimal form where the type code says so (3).</summary>
    double Double();

    /// <summary>A number of 8 bytes, little-endian: milliseconds of unix time.</summary>
    long Int64();

    /// <summary>Every byte of a compact encoding must be checked, not only its frame: <c>sanitize-dump-payload</c>.</summary>
    bool IsSanitizing { get; }

    /// <summary>
    /// Milliseconds of unix time at which fields that are over are dropped instead of loaded; 0 to load them all, as on a
    /// replica.
    /// </summary>
    long DropExpiredAtUnixMs { get; }
}

/// <summary>Receives the commands that make a value.</summary>
public interface IRewriteWriter
{
    /// <summary>How many elements one command should take at most, so that loading is served in portions.</summary>
    const int ItemsPerCommand = 64;

    /// <summary>A command begins; exactly so many arguments follow, the name included.</summary>
    void Begin(int argumentCount);

    /// <summary>The next argument.</summary>
    void Argument(ReadOnlySpan<byte> bytes);

    /// <summary>The next argument, in decimal.</summary>
    void Argument(long number);

    /// <summary>The next argument, in the shortest decimal form that reads back as the same number.</summary>
    void Argument(double number);
}

/// <summary>Receives the content of a value for DEBUG DIGEST.</summary>
public interface IDigestSink
{
    /// <summary>Adds an element whose order does not count.</summary>
    void AddUnordered(ReadOnlySpan<byte> element);

    /// <summary>Mixes in an element at its place.</summary>
    void AddOrdered(ReadOnlySpan<byte> element);
}

/// <summary>Moves native allocations to fuller pages.</summary>
public interface IDefragmenter
{
    /// <summary>The new address of the allocation, or the old one when it is well placed.</summary>
    nint Move(nint address, nuint sizeBytes);
}

/// <summary>The server's key types.</summary>
public interface IDataTypeRegistry
{
    /// <summary>Adds a type and gives it its number.</summary>
    /// <exception cref="InvalidOperationException">The name is taken, or there are 254 types already.</exception>
    void Add(DataType type);

    /// <summary>The type of that name, or null.</summary>
    DataType? Find(string name);

    /// <summary>All types.</summary>
    IEnumerable<DataType> All { get; }
}

// The dataset as commands instead of a snapshot: the base of an append-only file where aof-use-rdb-preamble is no.
//
// Each type says by which commands a value is made; what a type cannot say is written as DUMP's payload, for RESTORE. To the
// persistence providers it is a format like any other.

using Valkey.Abstractions;

namespace Valkey.Aof.Rewriting;

/// <param name="options">Whether there is a remark of the time at the head.</param>
/// <param name="payloads">Makes the payloads for RESTORE; null when nobody can.</param>
internal sealed class CommandFormat(AofOptions options, ISnapshotFormat? payloads) : ISnapshotFormat
{
    /// <inheritdoc/>
    public string Name => "aof";

    /// <inheritdoc/>
    public ISnapshotWriter CreateWriter(ISnapshotSink sink, SnapshotHeader header) =>
        new CommandWriter(sink, payloads?.CreateDumper(), options.HasTimestamps.Value ? DateTimeOffset.UtcNow.ToUnixTimeSeconds() : 0);

    /// <summary>It is read as a log is.</summary>
    public long Load(ISnapshotSource source, ISnapshotReceiver receiver) =>
        throw new SnapshotFormatException("a log of commands is no snapshot") { IsUnknown = true };
}

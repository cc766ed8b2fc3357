// Writes the dataset as commands, key after key.
//
// Holds always: nothing here allocates managed memory after construction, takes a lock or throws, because a forked child and the
// snapshot thread write through it. What a child runs is compiled at once, to its last form.

using System.Runtime.CompilerServices;
using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Aof.Rewriting;

internal sealed class CommandWriter(ISnapshotSink sink, IValueDumper? dumper, long timestampUnixSeconds) : ISnapshotWriter, IRewriteWriter
{
    private int _database = -1;

    /// <inheritdoc/>
    public ISnapshotSink Sink => sink;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Begin()
    {
        if (timestampUnixSeconds == 0) return;
        sink.Write("#TS:"u8);
        PutNumber(timestampUnixSeconds);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void BeginDatabase(int index, long keyCount, long expiringCount)
    {
        if (_database == index) return;
        _database = index;
        Begin(2);
        Argument("SELECT"u8);
        Argument(index);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void WriteEntry(in SnapshotEntry entry)
    {
        if (!entry.Type.Rewrite(entry.Key, entry.Value, this)) WritePayload(entry);
        if (entry.ExpireAtUnixMs < 0) return;
        Begin(3);
        Argument("PEXPIREAT"u8);
        Argument(entry.Key);
        Argument(entry.ExpireAtUnixMs);
    }

    /// <inheritdoc/>
    public void End() => sink.Flush();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Begin(int argumentCount)
    {
        sink.Write("*"u8);
        PutNumber(argumentCount);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Argument(ReadOnlySpan<byte> bytes)
    {
        sink.Write("$"u8);
        PutNumber(bytes.Length);
        sink.Write(bytes);
        sink.Write("\r\n"u8);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Argument(long number)
    {
        Span<byte> digits = stackalloc byte[IntegerText.LengthMax + 1];
        Argument(digits[..IntegerText.Format(number, digits)]);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Argument(double number)
    {
        Span<byte> text = stackalloc byte[DoubleText.LengthMax];
        Argument(text[..DoubleText.Format(number, text)]);
    }

    /// <inheritdoc/>
    public void Dispose() => dumper?.Dispose();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void WritePayload(in SnapshotEntry entry)
    {
        if (dumper is null) return;
        Begin(4);
        Argument("RESTORE"u8);
        Argument(entry.Key);
        Argument(0);
        Argument(dumper.Make(entry.Type, entry.Value));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PutNumber(long number)
    {
        Span<byte> digits = stackalloc byte[IntegerText.LengthMax + 3];
        int length = IntegerText.Format(number, digits);
        digits[length] = (byte)'\r';
        digits[length + 1] = (byte)'\n';
        sink.Write(digits[..(length + 2)]);
    }
}

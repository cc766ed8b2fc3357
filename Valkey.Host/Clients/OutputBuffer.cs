// A client's output: a small buffer of its own first, then a list of chunks, some of which only refer to bytes that lie
// elsewhere (large values are sent from where they are).
//
// Every byte has a position, counted since the client came (positions that fell away by closing the gap of a deferred length
// are skipped). A boundary says: from this position on, nothing is sent before an offset of the propagation stream is durable.
//
// Holds always: bytes leave in the order in which they were appended; while the list is not empty nothing is appended to the
// first buffer; what a shared chunk borrowed is given back exactly once; the boundaries' offsets grow
// from one to the next; no byte behind the first boundary is ever given to the connection.

using System.Runtime.CompilerServices;
using Valkey.Abstractions;
using Valkey.Structures;

namespace Valkey.Host.Clients;

/// <summary>One block of output.</summary>
internal sealed unsafe class OutputChunk
{
    public byte* Start;
    public int CapacityBytes;
    public int UsedBytes;
    public nint Owner;
    public ReleaseSharedBytes? Release;
    public OutputChunk? Next;
    public bool IsDropped;

    /// <summary>Position of its first byte.</summary>
    public long StartPosition;

    public bool IsShared => Release is not null;
}

/// <summary>Where a deferred length goes: a chunk (null: the first buffer) and an offset in it.</summary>
internal readonly record struct DeferredPosition(OutputChunk? Chunk, int Offset);

/// <summary>From a position of the output on, nothing is sent before an offset of the propagation stream is durable.</summary>
internal readonly record struct ReplyBoundary(long Position, long Offset);

internal sealed unsafe class OutputBuffer
{
    public const int ChunkBytes = 16 * 1024;
    public const int SmallestBytes = 1024;

    private byte* _start;
    private int _capacity;
    private int _used;
    private int _sent;
    private OutputChunk? _first;
    private OutputChunk? _last;
    private readonly List<DeferredPosition> _deferred = [];
    private long _bufferPosition; // of the first buffer's first byte, while there is no list or the buffer holds bytes
    private NativeQueue<ReplyBoundary> _boundaries;
    private long _releasedPosition; // end of what was released last, and the memory in use then
    private long _releasedBytes;

    /// <summary>For tests (DEBUG CLIENT-ENFORCE-REPLY-LIST): everything goes into the list, nothing into the first buffer.</summary>
    public static bool UsesListOnly { get; set; }

    /// <summary>Bytes in the list, the overhead of its nodes included: <c>omem</c>.</summary>
    public long ListBytes { get; private set; }

    /// <summary>Number of chunks in the list: <c>oll</c>.</summary>
    public int ListLength { get; private set; }

    /// <summary>Size of the first buffer: <c>rbs</c>.</summary>
    public int BufferSizeBytes => _capacity;

    /// <summary>Bytes in the first buffer: <c>obl</c>.</summary>
    public int BufferUsedBytes => _used;

    /// <summary>Highest use of the first buffer since the cron looked last: <c>rbp</c>.</summary>
    public int BufferPeakBytes { get; private set; }

    /// <summary>When the peak was reset last, milliseconds.</summary>
    public long PeakResetAtMs { get; set; }

    public bool IsEmpty => _used == 0 && _first is null;

    /// <summary>Position behind the last byte.</summary>
    public long EndPosition => _last is null ? _bufferPosition + _used : _last.StartPosition + _last.UsedBytes;

    /// <summary>Something in it waits until it is durable.</summary>
    public bool IsHeld => _boundaries.Count > 0;

    /// <summary>There is something that may be sent now.</summary>
    public bool HasSendable => !IsEmpty && (_boundaries.Count == 0 || SentPosition < _boundaries.First.Position);

    /// <summary>
    /// Memory of what is held, the boundaries included; 0 when nothing is. What is before the first boundary counts too: as a
    /// rule it has been sent.
    /// </summary>
    public long HeldBytes => _boundaries.Count == 0 ? 0 : ListBytes + _used + ((long)_boundaries.Count * sizeof(ReplyBoundary));

    /// <summary>
    /// Memory that is there because it was held, until what was released has been sent: the client had no chance to read it.
    /// </summary>
    public long ReleasedBytes => SentPosition < _releasedPosition ? _releasedBytes : 0;

    /// <summary>Number of boundaries.</summary>
    public int BoundaryCount => _boundaries.Count;

    /// <summary>The offset that the first held byte waits for. Only while something is held.</summary>
    public long FirstHeldOffset => _boundaries.First.Offset;

    private long SentPosition => _used > 0 || _first is null ? _bufferPosition + _sent : _first.StartPosition + _sent;

    /// <summary>Room for so many bytes, all in one piece. The caller fills all of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Append(int count)
    {
        if (_first is null && _capacity - _used >= count)
        {
            byte* position = _start + _used;
            _used += count;
            return position;
        }

        return AppendSlow(count);
    }

    /// <summary>Appends a copy.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Append(ReadOnlySpan<byte> bytes) => bytes.CopyTo(new Span<byte>(Append(bytes.Length), bytes.Length));

    /// <summary>Takes back the last bytes of the last <see cref="Append(int)"/>.</summary>
    public void Unappend(int count)
    {
        if (_first is null) _used -= count;
        else _last!.UsedBytes -= count;
    }

    /// <summary>Appends bytes that stay where they are until <paramref name="release"/> is called.</summary>
    public void AppendShared(ReadOnlySpan<byte> bytes, nint owner, ReleaseSharedBytes release)
    {
        OutputChunk chunk = new()
        {
            Start = (byte*)Unsafe.AsPointer(ref System.Runtime.InteropServices.MemoryMarshal.GetReference(bytes)),
            CapacityBytes = bytes.Length,
            UsedBytes = bytes.Length,
            Owner = owner,
            Release = release,
        };
        if (bytes.Length > _capacity - _used) NotePeak(_capacity); // copied, it would have filled the first buffer
        Link(chunk);
    }

    /// <summary>Marks the place of a length that is not known yet and reserves room for its header.</summary>
    public int BeginDeferred()
    {
        byte* position = Append(RespFormat.HeaderMaxBytes);
        OutputChunk? chunk = _first is null ? null : _last;
        _deferred.Add(new DeferredPosition(chunk, (int)(position - (chunk is null ? _start : chunk.Start))));
        return _deferred.Count - 1;
    }

    /// <summary>Writes a deferred header and closes the gap behind it.</summary>
    public void EndDeferred(int token, ReadOnlySpan<byte> header)
    {
        if (token != _deferred.Count - 1) throw new InvalidOperationException("Deferred lengths are closed innermost first.");
        (OutputChunk? chunk, int offset) = _deferred[token];
        _deferred.RemoveAt(token);
        byte* start = chunk is null ? _start : chunk.Start;
        int used = chunk is null ? _used : chunk.UsedBytes;
        int gap = RespFormat.HeaderMaxBytes - header.Length;
        header.CopyTo(new Span<byte>(start + offset, header.Length));
        int tail = offset + RespFormat.HeaderMaxBytes;
        Buffer.MemoryCopy(start + tail, start + tail - gap, used - tail, used - tail);
        if (chunk is null) _used -= gap;
        else chunk.UsedBytes -= gap;
    }

    /// <summary>Where the output ends now; <see cref="RollBack"/> drops what came later.</summary>
    public DeferredPosition Mark() => _first is null ? new DeferredPosition(null, _used) : new DeferredPosition(_last, _last!.UsedBytes);

    /// <summary>Number of bytes behind a mark.</summary>
    public long BytesSince(DeferredPosition mark)
    {
        long bytes = mark.Chunk is null ? _used - mark.Offset : mark.Chunk.UsedBytes - mark.Offset;
        for (OutputChunk? chunk = mark.Chunk is null ? _first : mark.Chunk.Next; chunk is not null; chunk = chunk.Next)
            bytes += chunk.UsedBytes;
        return bytes;
    }

    /// <summary>A copy of everything behind a mark.</summary>
    public byte[] CopyBehind(DeferredPosition mark)
    {
        using MemoryStream bytes = new();
        if (mark.Chunk is null) bytes.Write(new ReadOnlySpan<byte>(_start + mark.Offset, _used - mark.Offset));
        else bytes.Write(new ReadOnlySpan<byte>(mark.Chunk.Start + mark.Offset, mark.Chunk.UsedBytes - mark.Offset));
        for (OutputChunk? chunk = mark.Chunk is null ? _first : mark.Chunk.Next; chunk is not null; chunk = chunk.Next)
            bytes.Write(new ReadOnlySpan<byte>(chunk.Start, chunk.UsedBytes));
        return bytes.ToArray();
    }

    /// <summary>Drops everything behind a mark, the lengths that were deferred there included.</summary>
    public void RollBack(DeferredPosition mark)
    {
        OutputChunk? drop;
        if (mark.Chunk is null)
        {
            _used = mark.Offset;
            drop = _first;
            _first = _last = null;
        }
        else
        {
            mark.Chunk.UsedBytes = mark.Offset;
            drop = mark.Chunk.Next;
            mark.Chunk.Next = null;
            _last = mark.Chunk;
        }

        for (; drop is not null; drop = drop.Next) Drop(drop);
        while (_deferred.Count > 0 && IsBehind(_deferred[^1], mark)) _deferred.RemoveAt(_deferred.Count - 1);
    }

    private static bool IsBehind(DeferredPosition position, DeferredPosition mark) =>
        position.Chunk is { IsDropped: true } || (position.Chunk == mark.Chunk && position.Offset >= mark.Offset);

    /// <summary>What was appended since a position is not sent before an offset is durable.</summary>
    /// <returns>False when nothing was appended since.</returns>
    public bool HoldFrom(long position, long offset)
    {
        if (position >= EndPosition) return false;
        if (_boundaries.Count == 0)
        {
            _boundaries.Enqueue(new ReplyBoundary(position, offset));
            return true;
        }

        ReplyBoundary last = _boundaries.Last;
        if (offset <= last.Offset && position >= last.Position) return true; // waits behind the earlier one anyway
        if (position > last.Position) _boundaries.Enqueue(new ReplyBoundary(position, offset));
        else _boundaries.Last = new ReplyBoundary(position, Math.Max(offset, last.Offset));
        return true;
    }

    /// <summary>Everything up to an offset is durable: what waited for no more may be sent.</summary>
    /// <returns>Whether something was released.</returns>
    public bool Release(long committedOffset)
    {
        int before = _boundaries.Count;
        while (_boundaries.Count > 0 && _boundaries.First.Offset <= committedOffset) _boundaries.Dequeue();
        if (_boundaries.Count == before) return false;
        _releasedPosition = _boundaries.Count > 0 ? _boundaries.First.Position : EndPosition;
        _releasedBytes = ListBytes + _used;
        return true;
    }

    /// <summary>Sends as much as may be sent and the connection takes.</summary>
    /// <returns>Bytes sent, or <see cref="TransportResult.Failed"/>. All is sent when <see cref="IsEmpty"/>.</returns>
    public long Send(TransportConnection connection, long limitBytes)
    {
        long total = 0;
        while (HasSendable && total < limitBytes)
        {
            long limitPosition = _boundaries.Count == 0 ? long.MaxValue : _boundaries.First.Position;
            nint sent = _first is null
                ? connection.Write(new ReadOnlySpan<byte>(_start + _sent, Sendable(_bufferPosition, _sent, _used, limitPosition)))
                : SendGathered(connection, limitPosition);
            if (sent == TransportResult.WouldBlock) return total;
            if (sent < 0) return TransportResult.Failed;
            total += sent;
            Consume(sent);
        }

        return total;
    }

    /// <summary>Fits the first buffer to its use, as seen since the last reset of the peak.</summary>
    public int ResizeForUse()
    {
        int shrunk = _capacity / 2;
        int grown = _capacity * 2;
        if (shrunk >= SmallestBytes && BufferPeakBytes < shrunk)
        {
            Resize(Math.Max(SmallestBytes, BufferPeakBytes + 1));
            return -1;
        }

        if (_capacity > 0 && grown < ChunkBytes * 2 && BufferPeakBytes == _capacity)
        {
            Resize(Math.Min(ChunkBytes, grown));
            return 1;
        }

        return 0;
    }

    public void ResetPeak(long nowMs)
    {
        BufferPeakBytes = _used;
        PeakResetAtMs = nowMs;
    }

    /// <summary>Drops everything unsent, keeps the first buffer.</summary>
    public void Clear()
    {
        _bufferPosition = EndPosition;
        _boundaries.Clear();
        _used = _sent = 0;
        _deferred.Clear();
        OutputChunk? chunk = _first;
        _first = _last = null;
        for (; chunk is not null; chunk = chunk.Next) Drop(chunk);
    }

    /// <summary>Gives all memory back.</summary>
    public void Free()
    {
        Clear();
        _boundaries.Free();
        FreeFirstBuffer();
    }

    /// <summary>For <see cref="UsesListOnly"/>: the first buffer goes when it holds nothing.</summary>
    public void LeaveFirstBuffer()
    {
        if (_used == 0) FreeFirstBuffer();
    }

    /// <summary>A copy of everything unsent, for a client whose replies are read by the server itself.</summary>
    public byte[] ToArray()
    {
        using MemoryStream bytes = new();
        bytes.Write(new ReadOnlySpan<byte>(_start + _sent, _used - _sent));
        for (OutputChunk? chunk = _first; chunk is not null; chunk = chunk.Next)
            bytes.Write(new ReadOnlySpan<byte>(chunk.Start, chunk.UsedBytes));
        return bytes.ToArray();
    }

    private byte* AppendSlow(int count)
    {
        if (_start == null && _first is null && count <= ChunkBytes && !UsesListOnly)
        {
            Resize(ChunkBytes);
            return Append(count);
        }

        NotePeak(_first is null ? _capacity : _used);
        if (_last is null || _last.IsShared || _last.CapacityBytes - _last.UsedBytes < count) AddChunk(Math.Max(count, ChunkBytes));
        byte* position = _last!.Start + _last.UsedBytes;
        _last.UsedBytes += count;
        return position;
    }

    private void AddChunk(int capacity) =>
        Link(new OutputChunk { Start = (byte*)NativeHeap.Allocate((nuint)capacity), CapacityBytes = capacity });

    private void Link(OutputChunk chunk)
    {
        chunk.StartPosition = EndPosition;
        if (_last is null) _first = chunk;
        else _last.Next = chunk;
        _last = chunk;
        ListLength++;
        ListBytes += CostOf(chunk);
    }

    private void Drop(OutputChunk chunk)
    {
        chunk.IsDropped = true;
        ListLength--;
        ListBytes -= CostOf(chunk);
        if (chunk.IsShared) chunk.Release!(chunk.Owner);
        else NativeHeap.Free((nint)chunk.Start, (nuint)chunk.CapacityBytes);
    }

    private static long CostOf(OutputChunk chunk) => chunk.CapacityBytes + 64;

    /// <summary>How many of a block's bytes may be sent: what is left of it, but not past the position of the first boundary.</summary>
    private static int Sendable(long blockPosition, int sentBytes, int usedBytes, long limitPosition) =>
        (int)Math.Clamp(limitPosition - blockPosition - sentBytes, 0, usedBytes - sentBytes);

    private nint SendGathered(TransportConnection connection, long limitPosition)
    {
        const int SlicesMax = 64;
        IoSlice* slices = stackalloc IoSlice[SlicesMax];
        int count = 0;
        int sendable = _used > 0 ? Sendable(_bufferPosition, _sent, _used, limitPosition) : 0;
        if (sendable > 0) slices[count++] = new IoSlice((nint)(_start + _sent), sendable);
        int skip = _used > 0 ? 0 : _sent;
        for (OutputChunk? chunk = _first; chunk is not null && chunk.StartPosition < limitPosition && count < SlicesMax; chunk = chunk.Next)
        {
            sendable = Sendable(chunk.StartPosition, skip, chunk.UsedBytes, limitPosition);
            if (sendable > 0) slices[count++] = new IoSlice((nint)(chunk.Start + skip), sendable);
            skip = 0;
        }

        return count == 0 ? 0 : connection.Write(new ReadOnlySpan<IoSlice>(slices, count));
    }

    /// <summary>Counts bytes as sent. <c>_sent</c> refers to the first buffer while it holds bytes, then to the first chunk.</summary>
    private void Consume(nint count)
    {
        if (_used > 0)
        {
            nint fromBuffer = Math.Min(count, _used - _sent);
            _sent += (int)fromBuffer;
            count -= fromBuffer;
            if (_sent < _used) return;
            NotePeak(_used);
            _bufferPosition += _used;
            _used = _sent = 0;
            if (UsesListOnly) FreeFirstBuffer();
        }

        while (_first is not null && (count > 0 || _first.UsedBytes == 0))
        {
            nint fromChunk = Math.Min(count, _first.UsedBytes - _sent);
            _sent += (int)fromChunk;
            count -= fromChunk;
            if (_sent < _first.UsedBytes) return;
            OutputChunk done = _first;
            if (done.Next is null) _bufferPosition = EndPosition;
            _first = done.Next;
            if (_first is null) _last = null;
            _sent = 0;
            Drop(done);
        }
    }

    private void FreeFirstBuffer()
    {
        if (_start != null) NativeHeap.Free((nint)_start, (nuint)_capacity);
        _start = null;
        _capacity = 0;
    }

    private void NotePeak(int used)
    {
        if (used > BufferPeakBytes) BufferPeakBytes = used;
    }

    private void Resize(int capacity)
    {
        capacity = Math.Max(capacity, Math.Max(_used, SmallestBytes));
        _start = (byte*)(_start == null
            ? NativeHeap.Allocate((nuint)capacity)
            : NativeHeap.Reallocate((nint)_start, (nuint)_capacity, (nuint)capacity));
        _capacity = capacity;
    }
}

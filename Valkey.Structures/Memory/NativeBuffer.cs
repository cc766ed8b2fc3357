// Room for bytes that a method needs while it runs, in native memory: nothing for the collector, nothing shared between
// threads. Grows as asked, keeps nothing of its content when it does, and must be disposed of.

namespace Valkey.Structures;

/// <summary>A scratch buffer in native memory, for one method's run. Pass it by reference; dispose of it once.</summary>
public unsafe ref struct NativeBuffer
{
    private nint _address;
    private int _sizeBytes;

    /// <summary>Room for so many bytes, not cleared. What an earlier call returned is void.</summary>
    public Span<byte> Take(int sizeBytes)
    {
        if (sizeBytes > _sizeBytes)
        {
            Dispose();
            _address = NativeHeap.Allocate((nuint)sizeBytes);
            _sizeBytes = sizeBytes;
        }

        return new Span<byte>((void*)_address, sizeBytes);
    }

    /// <summary>A copy of these bytes; what an earlier call returned is void, and may be copied from.</summary>
    public ReadOnlySpan<byte> Keep(scoped ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= _sizeBytes)
        {
            Span<byte> room = Take(bytes.Length);
            bytes.CopyTo(room);
            return room;
        }

        nint grown = NativeHeap.Allocate((nuint)bytes.Length);
        bytes.CopyTo(new Span<byte>((void*)grown, bytes.Length));
        Dispose();
        _address = grown;
        _sizeBytes = bytes.Length;
        return new ReadOnlySpan<byte>((void*)grown, bytes.Length);
    }

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        NativeHeap.Free(_address, (nuint)_sizeBytes);
        _address = 0;
        _sizeBytes = 0;
    }
}

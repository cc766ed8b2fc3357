// One node of a quicklist: a listpack of many elements, or the plain bytes of a large one; either may be compressed.
//
// The node is a descriptor of 16 bytes in the quicklist's ring; what it describes is a block of its own:
//   packed       a listpack
//   plain        the element's bytes
//   compressed   [compressed length: 4][LZF bytes]
// A block may be shared with a copy of the list (Quicklist.Sharing.cs); the node says so, and is then not to be changed.
// Holds always: SizeBytes is the size without compression, whatever the state; a plain node has one element.

using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Valkey.Structures;

[StructLayout(LayoutKind.Sequential, Size = NodeBytes)]
internal unsafe struct QuicklistNode
{
    public const int NodeBytes = 16;

    private const int CompressMinBytes = 48;
    private const int CompressMinGainBytes = 8;
    private const int LengthBytes = sizeof(int);

    private const int FlagPlain = 1;
    private const int FlagCompressed = 2;
    private const int FlagShared = 4;
    private const int FlagBits = 3;

    private nint _block;
    private int _sizeBytes;
    private int _countAndFlags;

    public QuicklistNode(Listpack listpack)
    {
        _block = listpack.Address;
        _sizeBytes = listpack.TotalBytes;
        Count = listpack.Count;
    }

    public readonly bool IsPlain => (_countAndFlags & FlagPlain) != 0;

    public readonly bool IsCompressed => (_countAndFlags & FlagCompressed) != 0;

    /// <summary>The block may be another list's too: it is not to be changed, moved or freed.</summary>
    public bool IsShared
    {
        readonly get => (_countAndFlags & FlagShared) != 0;
        set => _countAndFlags = value ? _countAndFlags | FlagShared : _countAndFlags & ~FlagShared;
    }

    /// <summary>Where the block lies.</summary>
    public readonly nint Block => _block;

    /// <summary>Bytes of the listpack, or of the plain element.</summary>
    public readonly int SizeBytes => _sizeBytes;

    /// <summary>Bytes that are kept: fewer when compressed.</summary>
    public readonly int StoredBytes => IsCompressed ? CompressedBytes : _sizeBytes;

    /// <summary>Bytes that the allocator set aside for the block.</summary>
    public readonly nuint MemoryBytes => NativeHeap.UsableSize(BlockBytes);

    /// <summary>Number of elements.</summary>
    public int Count
    {
        readonly get => _countAndFlags >> FlagBits;
        private set => _countAndFlags = (value << FlagBits) | (_countAndFlags & ((1 << FlagBits) - 1));
    }

    /// <summary>The listpack of a packed node that is not compressed.</summary>
    public readonly Listpack Packed
    {
        get
        {
            Debug.Assert(!IsPlain);
            Debug.Assert(!IsCompressed);
            return new Listpack(_block);
        }
    }

    /// <summary>The element of a plain node that is not compressed.</summary>
    public readonly ReadOnlySpan<byte> Plain
    {
        get
        {
            Debug.Assert(IsPlain);
            Debug.Assert(!IsCompressed);
            return new ReadOnlySpan<byte>((void*)_block, _sizeBytes);
        }
    }

    private readonly int CompressedBytes => *(int*)_block;

    private readonly nuint BlockBytes => IsCompressed
        ? (nuint)(LengthBytes + CompressedBytes)
        : (nuint)Math.Max(_sizeBytes, 1);

    public static QuicklistNode PackedOf(ReadOnlySpan<byte> element) => new(Listpack.Create().Append(element));

    public static QuicklistNode PlainOf(ReadOnlySpan<byte> element)
    {
        QuicklistNode node = default;
        node._block = NativeHeap.Allocate((nuint)Math.Max(element.Length, 1));
        node._sizeBytes = element.Length;
        node._countAndFlags = (1 << FlagBits) | FlagPlain;
        element.CopyTo(new Span<byte>((void*)node._block, element.Length));
        return node;
    }

    /// <summary>Takes the listpack that a change returned.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Update(Listpack listpack, int countChange)
    {
        Debug.Assert(!IsShared);
        _block = listpack.Address;
        _sizeBytes = listpack.TotalBytes;
        _countAndFlags += countChange << FlagBits;
        Debug.Assert(Count == listpack.Count);
    }

    /// <summary>The listpack's or the element's bytes, from where they lie or decompressed into the buffer.</summary>
    public readonly ReadOnlySpan<byte> Read(scoped ref NativeBuffer scratch)
    {
        if (!IsCompressed) return new ReadOnlySpan<byte>((void*)_block, _sizeBytes);

        Span<byte> content = scratch.Take(_sizeBytes);
        DecompressTo(content);
        return content;
    }

    /// <summary>Compresses the block where that gains enough.</summary>
    public void Compress()
    {
        if (IsCompressed || _sizeBytes < CompressMinBytes) return;

        Debug.Assert(!IsShared);
        NativeBuffer scratch = default;
        Span<byte> target = scratch.Take(_sizeBytes - CompressMinGainBytes);
        int length = Lzf.Compress(new ReadOnlySpan<byte>((void*)_block, _sizeBytes), target);
        if (length != 0 && length + CompressMinGainBytes < _sizeBytes)
        {
            nint block = NativeHeap.Allocate((nuint)(LengthBytes + length));
            *(int*)block = length;
            target[..length].CopyTo(new Span<byte>((byte*)block + LengthBytes, length));
            NativeHeap.Free(_block, BlockBytes);
            _block = block;
            _countAndFlags |= FlagCompressed;
        }

        scratch.Dispose();
    }

    /// <summary>Undoes <see cref="Compress"/>.</summary>
    public void Decompress()
    {
        if (!IsCompressed) return;

        Debug.Assert(!IsShared);
        nint block = NativeHeap.Allocate((nuint)_sizeBytes);
        DecompressTo(new Span<byte>((void*)block, _sizeBytes));
        NativeHeap.Free(_block, BlockBytes);
        _block = block;
        _countAndFlags &= ~FlagCompressed;
    }

    /// <summary>A node of its own with the same content in the same state.</summary>
    public readonly QuicklistNode Copy()
    {
        QuicklistNode copy = this;
        copy.IsShared = false;
        nuint blockBytes = BlockBytes;
        copy._block = NativeHeap.Allocate(blockBytes);
        Buffer.MemoryCopy((void*)_block, (void*)copy._block, blockBytes, blockBytes);
        return copy;
    }

    /// <summary>Gives the block back. Of a shared one the last who lets go of it.</summary>
    public readonly void Free() => NativeHeap.Free(_block, BlockBytes);

    /// <summary>Lets the block move to another address with the same content.</summary>
    public void Relocate(IBlockMover mover) => _block = mover.Move(_block, BlockBytes);

    private readonly void DecompressTo(Span<byte> target)
    {
        ReadOnlySpan<byte> source = new((byte*)_block + LengthBytes, CompressedBytes);
        if (!Lzf.TryDecompress(source, target)) throw new InvalidOperationException("A list's compressed node is damaged.");
    }
}

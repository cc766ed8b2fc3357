namespace Valkey.Structures;

/// <summary>Moves blocks of native memory to fuller pages, for a container that is told to offer its own.</summary>
public interface IBlockMover
{
    /// <summary>The new address of the block, which has its content; or the old one when it is well placed.</summary>
    nint Move(nint address, nuint sizeBytes);
}

namespace Lepton.Storage.Blocks;

/// <summary>A block as an object refers to it.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Length">Its length in bytes, above 0.</param>
internal readonly record struct BlockRef(BlockId Id, int Length)
{
    /// <summary>Bytes of a reference where references are written one after the other.</summary>
    public const int Size = BlockId.Size + sizeof(int);
}

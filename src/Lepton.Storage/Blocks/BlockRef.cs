namespace Lepton.Storage.Blocks;

/// <summary>A block as an object refers to it, or, in a list of blocks, the mark of an encrypted stream.</summary>
/// <param name="Id">Its name; of a mark, random bits.</param>
/// <param name="Length">Its length in bytes; 0 for a mark alone.</param>
internal readonly record struct BlockRef(BlockId Id, int Length)
{
    /// <summary>Bytes of a reference where references are written one after the other.</summary>
    public const int Size = BlockId.Size + sizeof(int);

    /// <summary>Whether it is no block, but says that the blocks behind it are an encrypted stream's.</summary>
    public bool IsMark => Length == 0;
}

using System.Buffers.Binary;
using Lepton.Storage.Blocks;

namespace Lepton.Storage.Metadata;

/// <summary>References to blocks as bytes, one after the other.</summary>
internal static class BlockList
{
    public static byte[] Pack(IReadOnlyList<BlockRef> blocks)
    {
        byte[] packed = new byte[blocks.Count * BlockRef.Size];
        Span<byte> at = packed;
        foreach (BlockRef block in blocks)
        {
            block.Id.Write(at);
            BinaryPrimitives.WriteInt32LittleEndian(at[BlockId.Size..], block.Length);
            at = at[BlockRef.Size..];
        }

        return packed;
    }

    /// <exception cref="InvalidDataException">The bytes are none such.</exception>
    public static List<BlockRef> Unpack(ReadOnlySpan<byte> packed)
    {
        if (packed.Length % BlockRef.Size != 0)
        {
            throw new InvalidDataException(
                $"A list of blocks has {packed.Length} bytes, which is no multiple of {BlockRef.Size}; something " +
                "else than Lepton has written it.");
        }

        List<BlockRef> blocks = new(packed.Length / BlockRef.Size);
        for (; packed.Length > 0; packed = packed[BlockRef.Size..])
        {
            blocks.Add(new BlockRef(
                BlockId.Read(packed), BinaryPrimitives.ReadInt32LittleEndian(packed[BlockId.Size..])));
        }

        return blocks;
    }
}

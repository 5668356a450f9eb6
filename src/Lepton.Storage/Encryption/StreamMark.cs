using System.Security.Cryptography;
using Lepton.Storage.Blocks;

namespace Lepton.Storage.Encryption;

/// <summary>
/// Where, in an object's list of blocks, a stream begins that was encrypted by itself: one body of a put, or of one
/// attempt at a part. It is 256 random bits, and no secret.
/// </summary>
/// <param name="Value">The bits.</param>
internal readonly record struct StreamMark(BlockId Value)
{
    /// <summary>A mark that no other stream has.</summary>
    public static StreamMark New() => new(BlockId.Read(RandomNumberGenerator.GetBytes(BlockId.Size)));

    /// <summary>The mark that an entry of a list of blocks is; null where the entry is a block.</summary>
    public static StreamMark? Of(BlockRef entry) => entry.IsMark ? new StreamMark(entry.Id) : null;

    /// <summary>The mark as an entry of a list of blocks.</summary>
    public BlockRef ToEntry() => new(Value, 0);

    public byte[] ToBytes()
    {
        byte[] bytes = new byte[BlockId.Size];
        Value.Write(bytes);
        return bytes;
    }
}

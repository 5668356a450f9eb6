using System.Buffers.Binary;
using Lepton.Simulation.Disk;
using Lepton.Storage.Blocks;

namespace Lepton.Simulation.Objects;

/// <summary>
/// What a disk really holds, by a reader of its own: it trusts no checksum, no index and no order, but only bytes that
/// have the hash that their header names.
/// </summary>
internal static class DiskReading
{
    /// <summary>Longer ones nobody puts; a rotten header may say anything.</summary>
    private const int PlainLengthMax = 1 << 20;

    /// <summary>All blocks that are whole on a disk, wherever they lie.</summary>
    public static Dictionary<BlockId, byte[]> Blocks(SimulatedDisk disk)
    {
        Dictionary<BlockId, byte[]> found = [];
        foreach (string name in disk.List())
        {
            byte[] content = disk.Content(name);
            for (int at = SegmentFormat.FileHeaderSize; at + SegmentFormat.RecordHeaderSize < content.Length;)
            {
                at += Read(content, at, found) ?? 1;
            }
        }

        return found;
    }

    /// <summary>A block where a process has it, if it is whole there.</summary>
    public static byte[]? Block(SimulatedDisk disk, BlockStore store, BlockId id)
    {
        if (store.Index.Find(id) is not { } location)
        {
            return null;
        }

        Dictionary<BlockId, byte[]> found = [];
        byte[] content = disk.Content(
            Path.GetFileName(location.Segment.Path), location.Offset,
            SegmentFormat.RecordHeaderSize + location.Length);
        return content.Length > SegmentFormat.RecordHeaderSize && Read(content, 0, found) is not null
            && found.TryGetValue(id, out byte[]? block) ? block : null;
    }

    /// <returns>How long the record is that begins there; null where none does.</returns>
    private static int? Read(byte[] content, int at, Dictionary<BlockId, byte[]> found)
    {
        ReadOnlySpan<byte> header = content.AsSpan(at, SegmentFormat.RecordHeaderSize);
        int length = BinaryPrimitives.ReadInt32LittleEndian(header[4..]);
        int plainLength = BinaryPrimitives.ReadInt32LittleEndian(header[52..]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != SegmentFormat.RecordMagic || length <= 0
            || length > content.Length - at - header.Length || plainLength < 0 || plainLength > PlainLengthMax)
        {
            return null;
        }

        BlockId id = BlockId.Read(header[16..]);
        byte[] block = content.AsSpan(at + header.Length, length).ToArray();
        if (plainLength > 0)
        {
            byte[] plain = new byte[plainLength];
            if (!BlockCompressor.TryDecompress(block, plain))
            {
                return null;
            }

            block = plain;
        }

        if (BlockId.Of(block) != id)
        {
            return null;
        }

        found[id] = block;
        return header.Length + length;
    }
}

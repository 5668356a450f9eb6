using System.Buffers.Binary;
using Lepton.Core.Hashing;
using Lepton.Raft.Disk;

namespace Lepton.Raft.Log;

/// <summary>
/// The data of a snapshot's file: pieces of one size, each with a checksum that knows its place. Used by one thread.
/// </summary>
internal sealed class SnapshotChunks(IDisk disk, string name, IDiskFile file, int headBytes, ulong salt)
{
    public const int ChunkBytes = 64 << 10;
    public const int PayloadBytes = ChunkBytes - HeadBytes;

    /// <summary>Behind the state's own data: a checksum over everything, and a mark.</summary>
    public const int TrailerBytes = 8;
    private const int HeadBytes = 8;
    private const uint TrailerMark = 0x3144_4E45; // "END1"
    private readonly byte[] _chunk = new byte[ChunkBytes];
    private long _held = -1;
    private int _heldBytes;

    /// <summary>Puts one piece into the file. All but the last are of the full size.</summary>
    public void Write(long number, ReadOnlySpan<byte> payload)
    {
        _held = -1;
        payload.CopyTo(_chunk.AsSpan(HeadBytes));
        BinaryPrimitives.WriteInt32LittleEndian(_chunk.AsSpan(4), payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(_chunk, Crc32C.Compute(payload) ^ Mask(number, payload.Length));
        file.Write(headBytes + (number * ChunkBytes), _chunk.AsSpan(0, HeadBytes + payload.Length));
    }

    /// <summary>Reads one piece, valid until the next call; false where it is not what was written.</summary>
    public bool TryRead(long number, out ReadOnlySpan<byte> payload)
    {
        if (_held != number)
        {
            _held = -1;
            int read = file.Read(headBytes + (number * ChunkBytes), _chunk);
            int length = BinaryPrimitives.ReadInt32LittleEndian(_chunk.AsSpan(4));
            if (read < HeadBytes || length <= 0 || length > read - HeadBytes)
            {
                payload = default;
                return false;
            }

            ReadOnlySpan<byte> bytes = _chunk.AsSpan(HeadBytes, length);
            if (BinaryPrimitives.ReadUInt32LittleEndian(_chunk) != (Crc32C.Compute(bytes) ^ Mask(number, length)))
            {
                payload = default;
                return false;
            }

            _held = number;
            _heldBytes = length;
        }

        payload = _chunk.AsSpan(HeadBytes, _heldBytes);
        return true;
    }

    /// <summary>Reads from any place.</summary>
    /// <returns>Bytes read; fewer than asked for only at the end.</returns>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public int Read(long offset, Span<byte> bytes, long end)
    {
        int done = 0;
        while (done < bytes.Length && offset < end)
        {
            if (!TryRead(offset / PayloadBytes, out ReadOnlySpan<byte> payload))
            {
                throw Damaged(offset);
            }

            ReadOnlySpan<byte> rest = payload[(int)(offset % PayloadBytes)..];
            if (rest.Length == 0)
            {
                throw Damaged(offset);
            }

            int part = (int)Math.Min(Math.Min(rest.Length, bytes.Length - done), end - offset);
            rest[..part].CopyTo(bytes[done..]);
            done += part;
            offset += part;
        }

        return done;
    }

    /// <summary>Whether all data, and their trailer, are what was written.</summary>
    /// <param name="seed">What the checksum over everything starts with.</param>
    /// <param name="bytes">Bytes of the data with the trailer.</param>
    public bool Verify(uint seed, long bytes)
    {
        long dataBytes = bytes - TrailerBytes;
        uint sum = seed;
        long offset = 0;
        for (long number = 0; offset < bytes; number++)
        {
            if (!TryRead(number, out ReadOnlySpan<byte> payload)
                || payload.Length != Math.Min(PayloadBytes, bytes - offset))
            {
                return false;
            }

            sum = Crc32C.Compute(payload[..(int)Math.Clamp(dataBytes - offset, 0, payload.Length)], sum);
            offset += payload.Length;
        }

        Span<byte> there = stackalloc byte[TrailerBytes];
        Span<byte> expected = stackalloc byte[TrailerBytes];
        WriteTrailer(expected, sum);
        return dataBytes >= 0 && Read(dataBytes, there, bytes) == TrailerBytes && there.SequenceEqual(expected);
    }

    /// <summary>The trailer for data with this checksum.</summary>
    public static void WriteTrailer(Span<byte> trailer, uint sum)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(trailer, sum);
        BinaryPrimitives.WriteUInt32LittleEndian(trailer[4..], TrailerMark);
    }

    /// <summary>Keeps pieces apart that are alike but belong elsewhere.</summary>
    private uint Mask(long number, int length) =>
        (uint)StableHash.Combine(StableHash.Combine(salt, (ulong)number), (ulong)length);

    private InvalidDataException Damaged(long offset) =>
        new(
            $"{Path.Combine(disk.Path, name)} is damaged at byte {offset:N0} of its data: the checksum is wrong. An " +
            "older snapshot, or one of a peer, must take its place.");
}

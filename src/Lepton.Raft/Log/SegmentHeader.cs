using System.Buffers.Binary;
using System.Globalization;
using Lepton.Core.Hashing;

namespace Lepton.Raft.Log;

/// <summary>
/// The head of a segment, written twice. It states the whole log up to here: where the segment before ends, so that its
/// durable end is known for good, and what the log's reader would know at that point.
/// </summary>
/// <param name="Identity">Whose log it is.</param>
/// <param name="Sequence">Number of the segment, from 1 on without a gap.</param>
/// <param name="Sectors">Size of the segment.</param>
/// <param name="PreviousEndSector">
/// The first sector after the last batch of the segment before; 0 where there is none.
/// </param>
/// <param name="Chain">Hash over all sectors of all batches before.</param>
/// <param name="LastIndex">The log's last entry before this segment.</param>
/// <param name="LastTerm">That entry's term.</param>
/// <param name="HardState">The hard state before this segment.</param>
/// <param name="Damage">What was found damaged before this segment and not repaired yet.</param>
internal sealed record SegmentHeader(
    LogIdentity Identity,
    ulong Sequence,
    int Sectors,
    int PreviousEndSector,
    ulong Chain,
    LogIndex LastIndex,
    Term LastTerm,
    HardState HardState,
    LogDamage? Damage)
{
    public const uint Version = 1;

    /// <summary>The first sector of batches: behind a page for the header and one for its copy.</summary>
    public const int FirstSector = 16;
    public const int CopyOffset = 4096;
    private const ulong Magic = 0x474F_4C4E_4F54_504C; // "LPTONLOG"
    private const string Prefix = "log-";
    private const string Suffix = ".seg";

    /// <summary>The name of a segment's file.</summary>
    public static string NameOf(ulong sequence) =>
        Prefix + sequence.ToString("x16", CultureInfo.InvariantCulture) + Suffix;

    /// <summary>The number of the segment with this name; null for other files.</summary>
    public static ulong? SequenceOf(string name) =>
        name.Length == Prefix.Length + 16 + Suffix.Length
        && name.StartsWith(Prefix, StringComparison.Ordinal)
        && name.EndsWith(Suffix, StringComparison.Ordinal)
        && ulong.TryParse(
            name.AsSpan(Prefix.Length, 16),
            NumberStyles.AllowHexSpecifier,
            CultureInfo.InvariantCulture,
            out ulong sequence)
            ? sequence
            : null;

    public void Write(Span<byte> sector)
    {
        sector[..SectorFrame.SectorBytes].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(sector, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[8..], Version);
        BinaryPrimitives.WriteUInt64LittleEndian(sector[16..], Identity.Cluster);
        BinaryPrimitives.WriteUInt64LittleEndian(sector[24..], Identity.Node.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(sector[32..], Sequence);
        BinaryPrimitives.WriteInt32LittleEndian(sector[40..], Sectors);
        BinaryPrimitives.WriteInt32LittleEndian(sector[44..], PreviousEndSector);
        BinaryPrimitives.WriteUInt64LittleEndian(sector[48..], Chain);
        BinaryPrimitives.WriteInt64LittleEndian(sector[56..], LastIndex.Value);
        BinaryPrimitives.WriteInt64LittleEndian(sector[64..], LastTerm.Value);
        BatchHeader.WriteHardState(sector[72..], HardState);
        if (Damage is { } damage)
        {
            BinaryPrimitives.WriteInt64LittleEndian(sector[96..], damage.FirstIndex.Value);
            BinaryPrimitives.WriteInt64LittleEndian(sector[104..], damage.LastIndex.Value);
            sector[112] = (byte)(damage.HardStateLost ? 3 : 1);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(sector[12..], Sum(sector));
    }

    /// <summary>Reads a header; null where it is damaged.</summary>
    /// <param name="sector">The sector.</param>
    /// <param name="version">The format's version; this one's where the header is damaged.</param>
    public static SegmentHeader? Read(ReadOnlySpan<byte> sector, out uint version)
    {
        version = Version;
        if (BinaryPrimitives.ReadUInt64LittleEndian(sector) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(sector[12..]) != Sum(sector))
        {
            return null;
        }

        version = BinaryPrimitives.ReadUInt32LittleEndian(sector[8..]);
        if (version != Version)
        {
            return null;
        }

        LogDamage? damage = sector[112] == 0 ? null : new LogDamage(
            new LogIndex(BinaryPrimitives.ReadInt64LittleEndian(sector[96..])),
            new LogIndex(BinaryPrimitives.ReadInt64LittleEndian(sector[104..])),
            sector[112] == 3);
        return new SegmentHeader(
            new LogIdentity(
                BinaryPrimitives.ReadUInt64LittleEndian(sector[16..]),
                new NodeId(BinaryPrimitives.ReadUInt64LittleEndian(sector[24..]))),
            BinaryPrimitives.ReadUInt64LittleEndian(sector[32..]),
            BinaryPrimitives.ReadInt32LittleEndian(sector[40..]),
            BinaryPrimitives.ReadInt32LittleEndian(sector[44..]),
            BinaryPrimitives.ReadUInt64LittleEndian(sector[48..]),
            new LogIndex(BinaryPrimitives.ReadInt64LittleEndian(sector[56..])),
            new Term(BinaryPrimitives.ReadInt64LittleEndian(sector[64..])),
            BatchHeader.ReadHardState(sector[72..]),
            damage);
    }

    /// <summary>CRC-32C of the sector without the checksum itself.</summary>
    private static uint Sum(ReadOnlySpan<byte> sector) =>
        Crc32C.Compute(sector[16..SectorFrame.SectorBytes], Crc32C.Compute(sector[..12]));
}

using System.Buffers.Binary;
using System.Globalization;
using Lepton.Core.Hashing;
using Lepton.Raft.Membership;
using Lepton.Raft.Messages;

namespace Lepton.Raft.Log;

/// <summary>The head of a snapshot's file, and the names of such files.</summary>
/// <param name="Cluster">The cluster's id.</param>
/// <param name="Meta">Which snapshot.</param>
internal sealed record SnapshotHeader(ulong Cluster, SnapshotMeta Meta)
{
    public const uint Version = 1;

    /// <summary>The head takes a multiple of this.</summary>
    public const int PageBytes = 4096;
    public const string FinishedSuffix = ".snap";
    public const string WrittenSuffix = ".tmp";
    public const string ReceivedSuffix = ".part";
    private const int FixedBytes = 56;
    private const int BytesMax = 1 << 24;
    private const ulong Magic = 0x5041_4E53_4E54_504C; // "LPTNSNAP"
    private const string Prefix = "snapshot-";

    /// <summary>The name of a snapshot's file; in ordinal order, a later snapshot comes later.</summary>
    public static string NameOf(SnapshotMeta meta, string suffix) =>
        string.Create(CultureInfo.InvariantCulture, $"{Prefix}{meta.Index.Value:x16}-{meta.Term.Value:x16}{suffix}");

    /// <summary>Whether a file is a snapshot's, with this suffix.</summary>
    public static bool IsName(string name, string suffix) =>
        name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(suffix, StringComparison.Ordinal);

    /// <summary>The head's bytes.</summary>
    public byte[] Write()
    {
        byte[] membership = MembershipCodec.Encode(Meta.Membership);
        byte[] bytes = new byte[RoundUp(FixedBytes + membership.Length)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), Version);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(16), Cluster);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(24), Meta.Index.Value);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(32), Meta.Term.Value);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(40), Meta.Bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(48), membership.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(52), bytes.Length);
        membership.CopyTo(bytes, FixedBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), Sum(bytes));
        return bytes;
    }

    /// <summary>Reads the head; null where it is damaged.</summary>
    /// <param name="read">Reads the file's first bytes; tells how many there are.</param>
    /// <param name="version">The format's version; this one's where the head is damaged.</param>
    public static SnapshotHeader? Read(Func<Memory<byte>, int> read, out uint version)
    {
        version = Version;
        byte[] bytes = new byte[PageBytes];
        if (read(bytes) < PageBytes || BinaryPrimitives.ReadUInt64LittleEndian(bytes) != Magic)
        {
            return null;
        }

        int total = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(52));
        if (total > PageBytes && total <= BytesMax && total % PageBytes == 0)
        {
            bytes = new byte[total];
            if (read(bytes) < total)
            {
                return null;
            }
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(12)) != Sum(bytes))
        {
            return null;
        }

        version = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(8));
        return version == Version ? Decode(bytes) : null;
    }

    /// <summary>What a checksum over the data starts with, so that it covers what the data are as well.</summary>
    public uint Seed()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, Meta.Index.Value);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], Meta.Term.Value);
        return Crc32C.Compute(MembershipCodec.Encode(Meta.Membership), Crc32C.Compute(bytes));
    }

    private static SnapshotHeader? Decode(byte[] bytes)
    {
        int membershipBytes = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(48));
        if (membershipBytes < 0 || membershipBytes > bytes.Length - FixedBytes)
        {
            return null;
        }

        try
        {
            return new SnapshotHeader(
                BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(16)),
                new SnapshotMeta(
                    new LogIndex(BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(24))),
                    new Term(BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(32))),
                    MembershipCodec.Decode(bytes.AsMemory(FixedBytes, membershipBytes)),
                    BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(40))));
        }
        catch (MalformedMessageException)
        {
            return null;
        }
    }

    private static int RoundUp(int bytes) => (bytes + PageBytes - 1) / PageBytes * PageBytes;

    private static uint Sum(ReadOnlySpan<byte> bytes) => Crc32C.Compute(bytes[16..], Crc32C.Compute(bytes[..12]));
}

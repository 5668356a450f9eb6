namespace Lepton.Coordination.State;

/// <summary>
/// The format of a snapshot of the state: eight bytes that name it and its version, then blocks. A block is its length
/// (4 bytes), the CRC-32C of its content and of all content before it (4 bytes), and its content: whole records, each
/// one beginning with its kind. All numbers are little-endian, or LEB128. Records come in the order of their kinds; the
/// last one tells how many there were.
/// </summary>
internal static class SnapshotFormat
{
    /// <summary>Applied index, revisions, leases, alarms, addresses.</summary>
    public const byte Manifest = 1;

    /// <summary>A version, in the order of keys and for each key the oldest first: the one that is there at the
    /// compacted revision, and all later ones. A tree that is filled in this order is filled fast, and sorting the
    /// history anew costs little.</summary>
    public const byte Version = 2;

    /// <summary>A deletion by the compacted revision itself, which only the history still holds.</summary>
    public const byte Deletion = 3;

    /// <summary>The end.</summary>
    public const byte End = 4;

    /// <summary>A block is written out when it is this large, in bytes.</summary>
    public const int BlockBytes = 64 * 1024;

    /// <summary>No block is larger, in bytes: a version of the largest key and value fits.</summary>
    public const int BlockBytesMax = 1 << 30;

    /// <summary>The name, whose last two digits are the version.</summary>
    public static ReadOnlySpan<byte> Name => "lptkv-01"u8;
}

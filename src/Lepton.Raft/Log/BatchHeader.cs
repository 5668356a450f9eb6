using System.Buffers.Binary;

namespace Lepton.Raft.Log;

/// <summary>
/// The head of a batch. It states the log before and after the batch, so that a reader that has lost what came before
/// still knows where it stands.
/// </summary>
/// <param name="BodyBytes">Bytes of records behind this header.</param>
/// <param name="Records">Entries in the batch.</param>
/// <param name="DurableSector">
/// All sectors of the segment before this one were on the disk when the batch was written.
/// </param>
/// <param name="PreviousBatch">Number of the batch before, in this segment; 0 for the first.</param>
/// <param name="Chain">Hash over all sectors of all batches before.</param>
/// <param name="HardState">The hard state with this batch.</param>
/// <param name="PreviousIndex">The entry that the batch's entries follow; entries after it are replaced.</param>
/// <param name="PreviousTerm">That entry's term.</param>
internal readonly record struct BatchHeader(
    int BodyBytes,
    int Records,
    int DurableSector,
    uint PreviousBatch,
    ulong Chain,
    HardState HardState,
    LogIndex PreviousIndex,
    Term PreviousTerm)
{
    public const int Bytes = 72;

    /// <summary>The log's last entry with this batch.</summary>
    public LogIndex LastIndex => PreviousIndex + Records;

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteInt32LittleEndian(bytes, BodyBytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], Records);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], DurableSector);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[12..], PreviousBatch);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], Chain);
        WriteHardState(bytes[24..], HardState);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[48..], PreviousIndex.Value);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[56..], PreviousTerm.Value);
        bytes[64..Bytes].Clear();
    }

    public static BatchHeader Read(ReadOnlySpan<byte> bytes) =>
        new(
            BinaryPrimitives.ReadInt32LittleEndian(bytes),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]),
            ReadHardState(bytes[24..]),
            new LogIndex(BinaryPrimitives.ReadInt64LittleEndian(bytes[48..])),
            new Term(BinaryPrimitives.ReadInt64LittleEndian(bytes[56..])));

    public static void WriteHardState(Span<byte> bytes, HardState state)
    {
        BinaryPrimitives.WriteInt64LittleEndian(bytes, state.Term.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], state.Vote.Value);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], state.Commit.Value);
    }

    public static HardState ReadHardState(ReadOnlySpan<byte> bytes) =>
        new(
            new Term(BinaryPrimitives.ReadInt64LittleEndian(bytes)),
            new NodeId(BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..])),
            new LogIndex(BinaryPrimitives.ReadInt64LittleEndian(bytes[16..])));
}

using System.Buffers.Binary;
using Lepton.Core.Hashing;

namespace Lepton.Raft.Log;

/// <summary>Entries to the sectors of a batch, and back.</summary>
internal static class BatchCodec
{
    /// <summary>Bytes before the data of each entry: length, kind, three unused, term.</summary>
    public const int RecordBytes = 16;

    /// <summary>Bytes that the entries take behind a batch's header.</summary>
    public static long BodyBytes(IReadOnlyList<LogEntry> entries)
    {
        long bytes = 0;
        for (int i = 0; i < entries.Count; i++)
        {
            bytes += RecordBytes + entries[i].Data.Length;
        }

        return bytes;
    }

    /// <summary>Fills the sectors of a batch.</summary>
    /// <returns>The hash over all sectors up to and with these.</returns>
    public static ulong Encode(
        Span<byte> sectors,
        in BatchHeader header,
        IReadOnlyList<LogEntry> entries,
        uint segment,
        int sector,
        uint batch)
    {
        PayloadWriter writer = new(sectors);
        Span<byte> head = stackalloc byte[BatchHeader.Bytes];
        header.Write(head);
        writer.Write(head);
        Span<byte> record = head[..RecordBytes];
        record.Clear();
        for (int i = 0; i < entries.Count; i++)
        {
            LogEntry entry = entries[i];
            BinaryPrimitives.WriteInt32LittleEndian(record, entry.Data.Length);
            record[4] = (byte)entry.Kind;
            BinaryPrimitives.WriteInt64LittleEndian(record[8..], entry.Term.Value);
            writer.Write(record);
            writer.Write(entry.Data.Span);
        }

        writer.Finish();
        ulong chain = header.Chain;
        for (int at = 0; at < sectors.Length; at += SectorFrame.SectorBytes, sector++)
        {
            chain = Link(chain, SectorFrame.Seal(sectors[at..], segment, sector, batch, at == 0));
        }

        return chain;
    }

    /// <summary>The hash over all sectors, with one more.</summary>
    public static ulong Link(ulong chain, uint checksum) => StableHash.Combine(chain, checksum);

    /// <summary>The terms of a batch's entries; false where the records do not fill the body exactly.</summary>
    public static bool TryReadTerms(ReadOnlySpan<byte> body, int records, List<long> terms)
    {
        terms.Clear();
        for (int i = 0; i < records; i++)
        {
            if (body.Length < RecordBytes)
            {
                return false;
            }

            int length = BinaryPrimitives.ReadInt32LittleEndian(body);
            if (length < 0 || length > body.Length - RecordBytes)
            {
                return false;
            }

            terms.Add(BinaryPrimitives.ReadInt64LittleEndian(body[8..]));
            body = body[(RecordBytes + length)..];
        }

        return body.Length == 0;
    }

    /// <summary>
    /// The entries of a batch as it was read from its place; false where it is not the batch that was written.
    /// </summary>
    public static bool TryDecode(ReadOnlySpan<byte> sectors, in BatchPlace place, out List<LogEntry> entries)
    {
        entries = [];
        byte[] payload = new byte[place.Sectors * SectorFrame.PayloadBytes];
        for (int i = 0; i < place.Sectors; i++)
        {
            ReadOnlySpan<byte> sector = sectors.Slice(i * SectorFrame.SectorBytes, SectorFrame.SectorBytes);
            if (!SectorFrame.TryRead(sector, out SectorFrame frame)
                || frame.Segment != (uint)place.Segment
                || frame.Number != place.Sector + i
                || frame.Batch != place.Batch
                || frame.IsFirst != (i == 0))
            {
                return false;
            }

            sector[SectorFrame.HeaderBytes..].CopyTo(payload.AsSpan(i * SectorFrame.PayloadBytes));
        }

        BatchHeader header = BatchHeader.Read(payload);
        if (header.PreviousIndex != place.Previous || header.Records != place.Records)
        {
            return false;
        }

        Memory<byte> body = payload.AsMemory(BatchHeader.Bytes, header.BodyBytes);
        entries = ReadEntries(body, header.PreviousIndex, header.Records);
        return true;
    }

    /// <summary>The entries of a body that is known to be whole. Their data are slices of it.</summary>
    private static List<LogEntry> ReadEntries(ReadOnlyMemory<byte> body, LogIndex previous, int records)
    {
        List<LogEntry> entries = new(records);
        for (int i = 0; i < records; i++)
        {
            ReadOnlySpan<byte> record = body.Span[..RecordBytes];
            int length = BinaryPrimitives.ReadInt32LittleEndian(record);
            entries.Add(new LogEntry(
                new Term(BinaryPrimitives.ReadInt64LittleEndian(record[8..])),
                previous + (i + 1),
                (EntryKind)record[4],
                body.Slice(RecordBytes, length)));
            body = body[(RecordBytes + length)..];
        }

        return entries;
    }
}

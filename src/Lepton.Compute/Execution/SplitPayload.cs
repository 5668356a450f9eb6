using Lepton.Compute.Plans;
using Lepton.Core.Records;

namespace Lepton.Compute.Execution;

/// <summary>The data of a task's sources: pairs of source id and bytes.</summary>
internal static class SplitPayload
{
    public static void Write(RecordWriter writer, IReadOnlyList<(ISplitSource Source, int Partition)> sources)
    {
        using var split = new RecordWriter();
        writer.WriteVarUInt64((ulong)sources.Count);
        foreach ((ISplitSource source, int partition) in sources)
        {
            split.Clear();
            source.WriteSplit(split, partition);
            writer.WriteVarUInt64((ulong)source.SourceId);
            writer.WriteBytes(split.WrittenSpan);
        }
    }

    public static Dictionary<int, ReadOnlyMemory<byte>> Read(ReadOnlyMemory<byte> payload)
    {
        var splits = new Dictionary<int, ReadOnlyMemory<byte>>();
        if (payload.IsEmpty)
        {
            return splits;
        }

        var reader = new RecordReader(payload.Span);
        int count = reader.ReadLength(2);
        for (int i = 0; i < count; i++)
        {
            int id = (int)reader.ReadVarUInt64();
            int length = reader.ReadBytes().Length;
            splits[id] = payload.Slice(reader.Position - length, length);
        }

        return splits;
    }
}

using Lepton.Torch;
using Lepton.Torch.Distributed;

namespace Lepton.Training.Parallelism.Compression;

/// <summary>The collectives of an exchange, each waited for, with what they send and how long they take.</summary>
internal sealed class ExchangeLink(ProcessGroup group)
{
    private static readonly TimeProvider s_time = TimeProvider.System;

    public int Rank => group.Rank;

    public int Size => group.Size;

    public long BytesSent { get; private set; }

    public TimeSpan Time { get; private set; }

    /// <summary>Every rank's bytes to every rank.</summary>
    /// <param name="all">uint8 [ranks, bytes].</param>
    /// <param name="mine">uint8 [bytes].</param>
    public void AllGather(Tensor all, Tensor mine)
    {
        Tensor[] rows = new Tensor[Size];
        for (int rank = 0; rank < rows.Length; rank++)
        {
            rows[rank] = all.Select(0, rank);
        }

        Finish(group.AllGather(rows, mine), mine.ElementCount * (Size - 1));
    }

    /// <summary>A row of bytes to each rank, and one from each.</summary>
    /// <param name="received">uint8 [ranks, bytes].</param>
    /// <param name="sent">uint8 [ranks, bytes].</param>
    public void AllToAll(Tensor received, Tensor sent) =>
        Finish(group.AllToAll(received, sent), sent.ElementCount / Size * (Size - 1));

    /// <summary>Makes float32 [n] the mean of all ranks', in place.</summary>
    public void Average(Tensor values)
    {
        Finish(group.AllReduce(values), PlainBytes(values.ElementCount));
        values.DivideInPlace(Size);
    }

    /// <summary>What the sum of so many float32 has a rank send.</summary>
    public long PlainBytes(long elements) => elements * sizeof(float) * 2 * (Size - 1) / Size;

    private void Finish(Work started, long bytes)
    {
        long at = s_time.GetTimestamp();
        using (Work work = started)
        {
            work.Wait();
        }

        Time += s_time.GetElapsedTime(at);
        BytesSent += bytes;
    }
}

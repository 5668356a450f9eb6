using Lepton.Torch;
using static Lepton.Torch.Torch;

namespace Lepton.Training.Parallelism.Compression;

/// <summary>
/// Exchanges every element in a code of fewer bytes: each rank gets its part of everybody's gradients, adds them up in
/// float32, and sends the mean to all. So a rank sends as many elements as in a sum over a ring.
/// </summary>
internal sealed class DenseExchange(ExchangeLink link, IElementCode code) : GradientExchange
{
    public override void Reduce(ExchangeBucket bucket)
    {
        int ranks = link.Size;
        long elements = bucket.Flat.ElementCount;
        long part = (elements + ranks - 1) / ranks;
        part = (part + code.Granularity - 1) / code.Granularity * code.Granularity;
        long bytes = code.BytesOf(part);
        Tensor sent = Zeros([ranks, bytes], DType.UInt8);
        for (int rank = 0; rank < ranks; rank++)
        {
            code.Encode(PartOf(rank), sent.Select(0, rank));
        }

        Tensor received = Empty([ranks, bytes], DType.UInt8);
        link.AllToAll(received, sent);
        Tensor mine = Zeros([bytes], DType.UInt8);
        code.Encode(MeanOf(received, PartOf(link.Rank).ElementCount), mine);
        Tensor all = Empty([ranks, bytes], DType.UInt8);
        link.AllGather(all, mine);
        for (int rank = 0; rank < ranks; rank++)
        {
            code.Decode(all.Select(0, rank), PartOf(rank));
        }

        Tensor PartOf(int rank)
        {
            long start = Math.Min(elements, part * rank);
            return bucket.Flat.Narrow(0, start, Math.Min(part, elements - start));
        }
    }

    private Tensor MeanOf(Tensor received, long elements)
    {
        Tensor sum = Zeros([elements]);
        Tensor one = Empty([elements]);
        for (int rank = 0; rank < link.Size; rank++)
        {
            code.Decode(received.Select(0, rank), one);
            sum.AddInPlace(one);
        }

        return sum.DivideInPlace(link.Size);
    }
}

using Lepton.Torch;
using static Lepton.Torch.Torch;

namespace Lepton.Training.Parallelism.Compression;

/// <summary>Exchanges signs and the magnitudes of blocks; see <see cref="SignCompression"/>.</summary>
internal sealed class SignExchange(
    ExchangeLink link, IReadOnlyList<TrainedParameter> parameters, int blockElements) : GradientExchange
{
    private readonly ErrorFeedback _feedback = new(link, parameters);
    private readonly SignCode _code = new(blockElements);

    public override void Reduce(ExchangeBucket bucket)
    {
        Tensor waiting = _feedback.Of(bucket).AddInPlace(bucket.Flat);
        Tensor mine = Empty([_code.BytesOf((int)bucket.Flat.ElementCount)], DType.UInt8);
        _code.Encode(waiting.AsSpan<float>(), mine.AsBytes());
        Tensor all = Empty([link.Size, mine.ElementCount], DType.UInt8);
        link.AllGather(all, mine);
        Span<float> mean = bucket.Flat.ZeroInPlace().AsSpan<float>();

        // In the order of ranks, so that all have the same bits.
        for (int rank = 0; rank < link.Size; rank++)
        {
            _code.AddTo(mean, all.Select(0, rank).AsBytes(), 1f / link.Size);
        }
    }

    public override IReadOnlyDictionary<string, Tensor> ExportState()
    {
        var state = new OrderedDictionary<string, Tensor>(StringComparer.Ordinal);
        _feedback.ExportInto(state);
        return state;
    }

    public override void ImportState(IReadOnlyDictionary<string, Tensor> state) => _feedback.Import(state);

    public override void Dispose()
    {
        _feedback.Dispose();
        base.Dispose();
    }
}

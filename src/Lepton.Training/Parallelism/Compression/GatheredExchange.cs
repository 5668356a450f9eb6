using Lepton.Torch;
using static Lepton.Torch.Torch;

namespace Lepton.Training.Parallelism.Compression;

/// <summary>
/// Sends each rank's code of its gradients to all, who add them up; what a code leaves out waits for the next step.
/// </summary>
internal abstract class GatheredExchange(ExchangeLink link, IReadOnlyList<TrainedParameter> parameters)
    : GradientExchange
{
    private readonly ErrorFeedback _feedback = new(link, parameters);

    /// <inheritdoc/>
    public sealed override void Reduce(ExchangeBucket bucket)
    {
        Tensor waiting = _feedback.Of(bucket).AddInPlace(bucket.Flat);
        int elements = (int)bucket.Flat.ElementCount;
        Tensor mine = Empty([BytesOf(elements)], DType.UInt8);
        Encode(waiting.AsSpan<float>(), mine.AsBytes());
        Tensor all = Empty([link.Size, mine.ElementCount], DType.UInt8);
        link.AllGather(all, mine);
        Span<float> mean = bucket.Flat.ZeroInPlace().AsSpan<float>();

        // In the order of ranks, so that all have the same bits.
        for (int rank = 0; rank < link.Size; rank++)
        {
            AddTo(mean, all.Select(0, rank).AsBytes(), link.Size);
        }
    }

    /// <inheritdoc/>
    public sealed override IReadOnlyDictionary<string, Tensor> ExportState()
    {
        var state = new OrderedDictionary<string, Tensor>(StringComparer.Ordinal);
        _feedback.ExportInto(state);
        return state;
    }

    /// <inheritdoc/>
    public sealed override void ImportState(IReadOnlyDictionary<string, Tensor> state) => _feedback.Import(state);

    /// <inheritdoc/>
    public sealed override void Dispose()
    {
        _feedback.Dispose();
        base.Dispose();
    }

    /// <summary>The bytes that so many elements take; the same on all ranks.</summary>
    protected abstract int BytesOf(int elements);

    /// <summary>Writes the code of elements, and leaves in them what it leaves out.</summary>
    protected abstract void Encode(Span<float> elements, Span<byte> code);

    /// <summary>Adds a rank's part of the mean over ranks.</summary>
    protected abstract void AddTo(Span<float> mean, Span<byte> code, int ranks);
}

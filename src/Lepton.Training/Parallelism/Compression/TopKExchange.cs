using System.Runtime.InteropServices;
using Lepton.Torch;
using static Lepton.Torch.Torch;

namespace Lepton.Training.Parallelism.Compression;

/// <summary>Exchanges the largest elements and their places; see <see cref="TopKCompression"/>.</summary>
internal sealed class TopKExchange(
    ExchangeLink link, IReadOnlyList<TrainedParameter> parameters, double fraction) : GradientExchange
{
    private const int PlaceBytes = sizeof(int);
    private readonly ErrorFeedback _feedback = new(link, parameters);

    public override void Reduce(ExchangeBucket bucket)
    {
        Tensor waiting = _feedback.Of(bucket).AddInPlace(bucket.Flat);
        int taken = (int)Math.Max(1, bucket.Flat.ElementCount * fraction);
        Tensor mine = Empty([taken * (PlaceBytes + sizeof(float))], DType.UInt8);
        Parts(mine, taken, out Span<int> places, out Span<float> values);
        TopKSelection.Take(waiting.AsSpan<float>(), places, values);
        Tensor all = Empty([link.Size, mine.ElementCount], DType.UInt8);
        link.AllGather(all, mine);
        Span<float> mean = bucket.Flat.ZeroInPlace().AsSpan<float>();

        // In the order of ranks, so that all have the same bits.
        for (int rank = 0; rank < link.Size; rank++)
        {
            Parts(all.Select(0, rank), taken, out places, out values);
            for (int i = 0; i < taken; i++)
            {
                mean[places[i]] += values[i] / link.Size;
            }
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

    private static void Parts(Tensor message, int count, out Span<int> places, out Span<float> values)
    {
        Span<byte> bytes = message.AsBytes();
        places = MemoryMarshal.Cast<byte, int>(bytes[..(count * PlaceBytes)]);
        values = MemoryMarshal.Cast<byte, float>(bytes[(count * PlaceBytes)..]);
    }
}

using Lepton.Torch;

namespace Lepton.Training.Parallelism.Compression;

/// <summary>
/// Half the bytes: IEEE half precision on the way, sums in float32. Each rank adds up a part of the gradients for all,
/// so that 2 (n - 1) / n of the halved bytes are sent, n being the ranks. Elements are exact to 1 part in 2,048 twice;
/// what is below 6e-8 is lost, and what is above 65,504 becomes infinite.
/// </summary>
public sealed record Float16Compression : GradientCompression
{
    internal override IEnumerable<string> Faults() => [];

    internal override GradientExchange Open(ExchangeLink link, IReadOnlyList<TrainedParameter> parameters) =>
        new DenseExchange(link, new HalfCode(DType.Float16));
}

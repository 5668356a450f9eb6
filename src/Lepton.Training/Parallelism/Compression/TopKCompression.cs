namespace Lepton.Training.Parallelism.Compression;

/// <summary>
/// Sends the largest elements alone, with their places, and adds the others to the next step's gradients (Lin et al.,
/// "Deep Gradient Compression", 2018; Stich et al., "Sparsified SGD with Memory", 2018). 8 bytes for each sent element
/// go to every other rank: at 1 % and 2 ranks a fiftieth of the bytes. What ranks choose differs, and all of it counts.
/// </summary>
/// <remarks>
/// Elements wait for about 1 / <see cref="Fraction"/> steps, so the first steps of a training gain less than their
/// loss says. Costs memory for one more copy of the gradients, and a few passes over them.
/// </remarks>
public sealed record TopKCompression : GradientCompression
{
    /// <summary>Which part of a bucket's elements is sent, above 0 up to 1; 1 % by default. At least one is.</summary>
    public double Fraction { get; init; } = 0.01;

    internal override IEnumerable<string> Faults() => Fraction is > 0 and <= 1
        ? []
        : [$"{nameof(TopKCompression)}.{nameof(Fraction)} is {Fraction}; it must be above 0, and 1 at most"];

    internal override GradientExchange Open(ExchangeLink link, IReadOnlyList<TrainedParameter> parameters) =>
        new TopKExchange(link, parameters, Fraction);
}

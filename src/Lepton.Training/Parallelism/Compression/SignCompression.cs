namespace Lepton.Training.Parallelism.Compression;

/// <summary>
/// A bit for each element, its sign, and the mean magnitude of its block; what that leaves out is added to the next
/// step's gradients (Seide et al., "1-Bit Stochastic Gradient Descent", 2014; Karimireddy et al., "Error Feedback Fixes
/// SignSGD", 2019). About a 30th of the bytes go to every other rank.
/// </summary>
public sealed record SignCompression : GradientCompression
{
    /// <summary>Elements that share a magnitude, 8 to 65,536, a multiple of 8; each block costs 4 bytes.</summary>
    public int BlockElements { get; init; } = 1024;

    internal override IEnumerable<string> Faults() => BlockElements is >= 8 and <= 65_536 && BlockElements % 8 == 0
        ? []
        : [
            $"{nameof(SignCompression)}.{nameof(BlockElements)} is {BlockElements}; it must be a multiple of 8 " +
            "within 8 and 65536",
        ];

    internal override GradientExchange Open(ExchangeLink link, IReadOnlyList<TrainedParameter> parameters) =>
        new SignExchange(link, parameters, BlockElements);
}

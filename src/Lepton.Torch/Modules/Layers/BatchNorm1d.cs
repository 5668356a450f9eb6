namespace Lepton.Torch.Modules;

/// <summary>
/// <see cref="BatchNorm"/> of [n, channels] or [n, channels, length]: PyTorch's <c>nn.BatchNorm1d</c>.
/// </summary>
/// <param name="channels">How many channels there are, 1 or more.</param>
/// <param name="epsilon">What is added to the variance.</param>
/// <param name="momentum">How much a batch counts in the running values; null: as much as any before it.</param>
/// <param name="isAffine">Whether weight and bias are learned.</param>
/// <param name="tracksRunningValues">Whether there are running values; the batch's own are used otherwise.</param>
public sealed class BatchNorm1d(
    long channels, double epsilon = 1e-5, double? momentum = 0.1, bool isAffine = true,
    bool tracksRunningValues = true)
    : BatchNorm(channels, epsilon, momentum, isAffine, tracksRunningValues)
{
    private protected override void RequireShape(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.Dimensions is not (2 or 3))
        {
            throw Shapes.Unfit(nameof(BatchNorm1d), input, "[n, channels] or [n, channels, length]");
        }
    }
}

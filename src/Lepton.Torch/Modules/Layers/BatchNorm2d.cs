namespace Lepton.Torch.Modules;

/// <summary><see cref="BatchNorm"/> of [n, channels, height, width]: PyTorch's <c>nn.BatchNorm2d</c>.</summary>
/// <param name="channels">How many channels there are, 1 or more.</param>
/// <param name="epsilon">What is added to the variance.</param>
/// <param name="momentum">How much a batch counts in the running values; null: as much as any before it.</param>
/// <param name="isAffine">Whether weight and bias are learned.</param>
/// <param name="tracksRunningValues">Whether there are running values; the batch's own are used otherwise.</param>
public sealed class BatchNorm2d(
    long channels, double epsilon = 1e-5, double? momentum = 0.1, bool isAffine = true,
    bool tracksRunningValues = true)
    : BatchNorm(channels, epsilon, momentum, isAffine, tracksRunningValues)
{
    private protected override void RequireShape(Tensor input)
    {
        Shapes.Require(input, 4, "[n, channels, height, width]", nameof(BatchNorm2d));
    }
}

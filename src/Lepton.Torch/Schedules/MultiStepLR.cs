using Lepton.Torch.Optimizers;

namespace Lepton.Torch.Schedules;

/// <summary>Multiplies the rate by a factor at certain steps: PyTorch's <c>MultiStepLR</c>.</summary>
public sealed class MultiStepLR : Schedule
{
    private readonly long[] _milestones;
    private readonly double _gamma;

    /// <param name="optimizer">Whose rates are set; they are now the base rates.</param>
    /// <param name="milestones">Those steps, in any order.</param>
    /// <param name="gamma">The factor.</param>
    public MultiStepLR(Optimizer optimizer, ReadOnlySpan<long> milestones, double gamma = 0.1)
        : base(optimizer)
    {
        _milestones = milestones.ToArray();
        _gamma = gamma;
        Apply();
    }

    private protected override double RateAt(long step, double baseRate) =>
        baseRate * Math.Pow(_gamma, _milestones.Count(milestone => milestone <= step));
}

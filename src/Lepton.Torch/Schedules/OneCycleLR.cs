using Lepton.Torch.Optimizers;

namespace Lepton.Torch.Schedules;

/// <summary>
/// Rises to a large rate and falls to a tiny one, while momentum goes the other way: PyTorch's <c>OneCycleLR</c> (Smith
/// and Topin, "Super-Convergence").
/// </summary>
public sealed class OneCycleLR : Schedule
{
    private readonly long _totalSteps;
    private readonly OneCycleOptions _options;
    private readonly Phase[] _phases;

    /// <param name="optimizer">Whose rates, and momenta, are set; what they are now counts for nothing.</param>
    /// <param name="maximumRate">The largest rate, above 0.</param>
    /// <param name="totalSteps">Steps in all, 1 or more.</param>
    /// <param name="options">Null: PyTorch's defaults.</param>
    public OneCycleLR(Optimizer optimizer, double maximumRate, long totalSteps, OneCycleOptions? options = null)
        : base(optimizer)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maximumRate);
        ArgumentOutOfRangeException.ThrowIfLessThan(totalSteps, 1);
        _options = options ?? new OneCycleOptions();
        _options.Validate();
        if (_options.CyclesMomentum && optimizer.Groups.Any(static group => group.Options.InitialMomentum is null))
        {
            throw new ArgumentException(
                $"{optimizer.GetType().Name} has no momentum; set {nameof(OneCycleOptions.CyclesMomentum)} to false.",
                nameof(options));
        }

        _totalSteps = totalSteps;
        double first = maximumRate / _options.StartDivisor;
        double last = first / _options.FinalDivisor;
        double rising = _options.RisingShare * totalSteps;
        (double low, double high) = (_options.BaseMomentum, _options.MaximumMomentum);
        _phases = _options.HasThreePhases
            ?
            [
                new(rising - 1, first, maximumRate, high, low),
                new((2 * rising) - 2, maximumRate, first, low, high),
                new(totalSteps - 1, first, last, high, high),
            ]
            : [new(rising - 1, first, maximumRate, high, low), new(totalSteps - 1, maximumRate, last, low, high)];
        Apply();
    }

    private protected override double RateAt(long step, double baseRate)
    {
        (Phase phase, double progress) = At(step);
        return Between(phase.StartRate, phase.EndRate, progress);
    }

    private protected override void ApplyTo(ParameterGroup group, long step)
    {
        if (_options.CyclesMomentum)
        {
            (Phase phase, double progress) = At(step);
            group.Momentum = Between(phase.StartMomentum, phase.EndMomentum, progress);
        }
    }

    private (Phase Phase, double Progress) At(long step)
    {
        if (step >= _totalSteps)
        {
            throw new InvalidOperationException(
                $"The cycle has {_totalSteps} steps; step {step} is behind its end. Make it with as many steps as " +
                "training takes.");
        }

        double start = 0;
        int place = 0;
        while (step > _phases[place].End && place < _phases.Length - 1)
        {
            start = _phases[place++].End;
        }

        return (_phases[place], (step - start) / (_phases[place].End - start));
    }

    private double Between(double start, double end, double progress) => _options.IsLinear
        ? ((end - start) * progress) + start
        : end + ((start - end) / 2 * (Math.Cos(Math.PI * progress) + 1));

    private sealed record Phase(
        double End, double StartRate, double EndRate, double StartMomentum, double EndMomentum);
}

using Lepton.Torch.Optimizers;

namespace Lepton.Torch.Schedules;

/// <summary>Lowers the rate when a measure no longer gets better: PyTorch's <c>ReduceLROnPlateau</c>.</summary>
public sealed class ReduceLROnPlateau
{
    private readonly Optimizer _optimizer;
    private readonly PlateauOptions _options;

    /// <param name="optimizer">Whose rates are lowered.</param>
    /// <param name="options">Null: PyTorch's defaults.</param>
    public ReduceLROnPlateau(Optimizer optimizer, PlateauOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        _optimizer = optimizer;
        _options = options ?? new PlateauOptions();
        _options.Validate();
        State = new PlateauState(
            _options.LargerIsBetter ? double.NegativeInfinity : double.PositiveInfinity, 0, 0);
    }

    /// <summary>What it remembers; to be kept in checkpoints beside the optimizer's state.</summary>
    public PlateauState State { get; set; }

    /// <summary>Looks at a measure, usually once an epoch. One that is no number is no progress.</summary>
    public void Step(double measure)
    {
        (double best, int without, int cooldown) = State;
        if (IsBetter(measure, best))
        {
            best = measure;
            without = 0;
        }
        else
        {
            without++;
        }

        if (cooldown > 0)
        {
            cooldown--;
            without = 0;
        }

        if (without > _options.Patience)
        {
            Reduce();
            cooldown = _options.Cooldown;
            without = 0;
        }

        State = new PlateauState(best, without, cooldown);
    }

    private bool IsBetter(double measure, double best) => (_options.LargerIsBetter, _options.ThresholdIsAbsolute) switch
    {
        (false, false) => measure < best * (1 - _options.Threshold),
        (false, true) => measure < best - _options.Threshold,
        (true, false) => measure > best * (1 + _options.Threshold),
        (true, true) => measure > best + _options.Threshold,
    };

    private void Reduce()
    {
        foreach (ParameterGroup group in _optimizer.Groups)
        {
            double reduced = Math.Max(group.LearningRate * _options.Factor, _options.MinimumRate);
            if (group.LearningRate - reduced > _options.Epsilon)
            {
                group.LearningRate = reduced;
            }
        }
    }
}

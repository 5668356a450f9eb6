namespace Lepton.Torch.Optimizers;

/// <summary>What all optimizers have in common. Each has options of its own, with PyTorch's defaults.</summary>
public abstract record OptimizerOptions
{
    /// <summary>The rate that steps begin with, 0 or more; a schedule changes the group's afterwards.</summary>
    public double LearningRate { get; init; }

    /// <summary>
    /// L2: how much of a parameter is added to its gradient, 0 or more. In <see cref="AdamW"/> the parameter itself
    /// shrinks by it, times the learning rate.
    /// </summary>
    public double WeightDecay { get; init; }

    /// <summary>
    /// L1: how much of a parameter's sign is added to its gradient, 0 or more. PyTorch has no such option.
    /// </summary>
    public double L1Penalty { get; init; }

    /// <summary>Whether steps go up the gradient.</summary>
    public bool Maximize { get; init; }

    /// <summary>
    /// SGD's momentum, Adam's first beta; null for optimizers without one. Schedules may change the group's.
    /// </summary>
    internal virtual double? InitialMomentum => null;

    /// <summary>Whatever is out of bounds, all of it.</summary>
    /// <exception cref="ArgumentException">Something is.</exception>
    internal void Validate()
    {
        List<string> faults = [.. Faults()];
        if (faults.Count > 0)
        {
            throw new ArgumentException($"{GetType().Name}: {string.Join("; ", faults)}.");
        }
    }

    /// <summary>What is out of bounds, a sentence each.</summary>
    internal virtual IEnumerable<string> Faults() =>
        [
            .. AtLeastZero(nameof(LearningRate), LearningRate),
            .. AtLeastZero(nameof(WeightDecay), WeightDecay),
            .. AtLeastZero(nameof(L1Penalty), L1Penalty),
        ];

    private protected static IEnumerable<string> AtLeastZero(string name, double value) =>
        value >= 0 && double.IsFinite(value) ? [] : [$"{name} is {value}, not a number from 0"];

    private protected static IEnumerable<string> BelowOne(string name, double value) =>
        value is >= 0 and < 1 ? [] : [$"{name} is {value}, not from 0 up to, without, 1"];
}

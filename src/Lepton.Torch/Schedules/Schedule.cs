using Lepton.Torch.Optimizers;

namespace Lepton.Torch.Schedules;

/// <summary>
/// Sets an optimizer's learning rates as training goes on. Each rate follows from the number of steps alone, so a
/// schedule that is set to a step goes on as if it had come there by itself.
/// </summary>
/// <remarks>
/// Making a schedule sets the rates of the first step. Call <see cref="Step"/> behind the optimizer's, after each batch
/// or epoch as the schedule counts. PyTorch multiplies the last rate where it can; rounding aside it comes to the same.
/// </remarks>
public abstract class Schedule
{
    private readonly double[] _baseRates;

    private protected Schedule(Optimizer optimizer)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        Optimizer = optimizer;
        _baseRates = [.. optimizer.Groups.Select(static group => group.LearningRate)];
    }

    /// <summary>Steps so far: 0 before the first <see cref="Step"/>. Setting it goes there.</summary>
    public long StepCount
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
            Apply();
        }
    }

    private protected Optimizer Optimizer { get; }

    /// <summary>Goes on by a step and sets the rates.</summary>
    public void Step() => StepCount++;

    /// <summary>The rate of a group.</summary>
    /// <param name="step">Steps so far.</param>
    /// <param name="baseRate">The group's rate when the schedule was made.</param>
    private protected abstract double RateAt(long step, double baseRate);

    /// <summary>Sets what else depends on the step.</summary>
    private protected virtual void ApplyTo(ParameterGroup group, long step)
    {
    }

    /// <summary>Sets the rates of the step; constructors call it when all is known.</summary>
    private protected void Apply()
    {
        for (int i = 0; i < _baseRates.Length; i++)
        {
            ParameterGroup group = Optimizer.Groups[i];
            group.LearningRate = RateAt(StepCount, _baseRates[i]);
            ApplyTo(group, StepCount);
        }
    }
}

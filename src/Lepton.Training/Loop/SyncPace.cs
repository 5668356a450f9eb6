namespace Lepton.Training.Loop;

/// <summary>
/// After how many steps ranks talk about whether to stop. It follows from numbers that all ranks share, so they agree
/// on the step without talking about it. Pure.
/// </summary>
internal sealed class SyncPace
{
    private const double SecondsBetween = 0.25;
    private const int StepsMax = 200;
    private long _steps = 1;

    /// <summary>The step after which they talk next.</summary>
    public long NextStep { get; private set; } = 1;

    /// <summary>Takes in how long the last steps took, all ranks added up.</summary>
    public void Observe(long step, double secondsOfAllRanks, int ranks)
    {
        double perStep = Math.Max(secondsOfAllRanks / ranks / _steps, 1e-6);
        _steps = Math.Clamp((long)(SecondsBetween / perStep), 1, StepsMax);
        NextStep = step + _steps;
    }

    /// <summary>Starts anew from a step.</summary>
    public void Restart(long step) => (_steps, NextStep) = (1, step + 1);
}

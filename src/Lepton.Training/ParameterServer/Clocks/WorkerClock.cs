namespace Lepton.Training.ParameterServer.Clocks;

/// <summary>What a server knows of a worker.</summary>
/// <param name="Clock">How many of its gradients were taken.</param>
/// <param name="Weight">Of gradients that wait for the others'; null: none do.</param>
/// <param name="IsGone">Whether nobody waits for it.</param>
internal sealed record WorkerClock(long Clock = 0, double? Weight = null, bool IsGone = false);

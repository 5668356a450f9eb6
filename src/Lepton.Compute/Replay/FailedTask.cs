namespace Lepton.Compute.Replay;

/// <summary>A task at which a job failed.</summary>
/// <param name="Stage">The stage's number.</param>
/// <param name="StageLabel">The stage's steps.</param>
/// <param name="Partition">The partition, from 0.</param>
/// <param name="Attempt">The last attempt; 0 for the first try.</param>
/// <param name="Job">The action that failed; empty where only the log tells of the task.</param>
/// <param name="Error">The error in one line.</param>
/// <param name="Bundle">The file that keeps what the task needs; null where nothing was kept.</param>
/// <param name="NotKept">Why it can't be replayed; null where it can.</param>
public sealed record FailedTask(
    int Stage, string StageLabel, int Partition, int Attempt, string Job, string Error, string? Bundle, string? NotKept)
{
    /// <summary>The task as messages name it: <c>3/5</c>.</summary>
    public string Task => ReplayLog.Name(Stage, Partition);
}

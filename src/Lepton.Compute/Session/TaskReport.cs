namespace Lepton.Compute;

/// <summary>A task that has just finished.</summary>
/// <param name="Job">The name of its action.</param>
/// <param name="Stage">The stage's number.</param>
/// <param name="Partition">The task's partition.</param>
/// <param name="Attempt">0 for the first try.</param>
/// <param name="Worker">The worker that ran it.</param>
/// <param name="StageDone">Tasks of the stage that are done, this one included.</param>
/// <param name="StageTasks">All tasks of the stage.</param>
public sealed record TaskReport(
    string Job, int Stage, int Partition, int Attempt, string Worker, int StageDone, int StageTasks);

namespace Lepton.Compute;

/// <summary>How far a job is.</summary>
/// <param name="Job">The name of the action.</param>
/// <param name="Stage">The stage in work.</param>
/// <param name="TasksDone">Tasks that are done, over all stages of the action planned so far.</param>
/// <param name="TasksTotal">Tasks of all those stages.</param>
/// <param name="Retries">Attempts repeated so far in this session.</param>
/// <param name="Workers">Workers that are there.</param>
public sealed record JobProgress(string Job, string Stage, int TasksDone, int TasksTotal, int Retries, int Workers);

namespace Lepton.Compute.Events;

/// <summary>A worker died or stopped answering.</summary>
/// <param name="Time">When the driver noticed.</param>
/// <param name="Worker">The worker's number.</param>
/// <param name="ProcessId">Its process.</param>
/// <param name="Cause">How it ended, in words: signal, exit code, silence.</param>
/// <param name="PeakMemoryBytes">The most memory it was seen to use; 0 when unknown.</param>
/// <param name="TasksRunning">Attempts that it was running; each has a line of its own that says "lost".</param>
public sealed record WorkerLost(
    DateTimeOffset Time,
    int Worker,
    int ProcessId,
    string Cause,
    long PeakMemoryBytes,
    int TasksRunning) : JobEvent(Time);

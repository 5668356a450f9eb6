namespace Lepton.Compute;

/// <summary>A worker of a session.</summary>
/// <param name="Name">Its name, such as <c>w2</c>.</param>
/// <param name="ProcessId">Its process; the driver's own for threads.</param>
/// <param name="Outstanding">Tasks that it runs or that wait at it.</param>
/// <param name="Finished">Tasks that it has finished.</param>
public sealed record WorkerInfo(string Name, int ProcessId, int Outstanding, long Finished);

namespace Lepton.Coordination.Services;

/// <summary>Makes a snapshot of the state for a client, in whatever format its tools read. Thread safe.</summary>
internal interface ISnapshotExport
{
    /// <summary>Fixes the state as it is now, and opens it for reading.</summary>
    /// <returns>The snapshot's bytes with their number; whoever asked disposes it.</returns>
    Task<SnapshotExport> OpenAsync(CancellationToken cancellationToken);
}

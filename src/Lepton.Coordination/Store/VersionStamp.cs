namespace Lepton.Coordination.Store;

/// <summary>The numbers of a <see cref="KeyVersion"/>.</summary>
/// <param name="ModRevision">The revision that wrote it.</param>
/// <param name="Sub">Its place within that revision.</param>
/// <param name="CreateRevision">The revision that created the key; 0 for a tombstone.</param>
/// <param name="Version">Puts since then; 0 for a tombstone.</param>
/// <param name="Lease">The key's lease; 0 for none.</param>
internal readonly record struct VersionStamp(
    long ModRevision, int Sub, long CreateRevision, long Version, long Lease);

namespace Lepton.Coordination.Store;

/// <summary>One thing that happened to a key.</summary>
/// <param name="Version">What the key is since then; a tombstone says that it was deleted.</param>
/// <param name="Previous">What it was before; null where it was not there, or that is compacted.</param>
internal readonly record struct KeyChange(KeyVersion Version, KeyVersion? Previous)
{
    /// <summary>The revision in which it happened.</summary>
    public long Revision => Version.ModRevision;

    /// <summary>The change that made a version.</summary>
    /// <param name="version">The version.</param>
    /// <param name="compacted">The compacted revision: what was before it is not told, on any node.</param>
    public static KeyChange Of(KeyVersion version, long compacted) => new(
        version,
        version.ModRevision > compacted && version.Previous is { IsTombstone: false } previous ? previous : null);
}

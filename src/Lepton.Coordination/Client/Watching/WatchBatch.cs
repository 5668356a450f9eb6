namespace Lepton.Coordination.Client;

/// <summary>Changes that a watch tells of: all those of one revision, or of several in a row, never a part of
/// one.</summary>
/// <param name="Revision">Everything up to here has been told. A watch from the next one on goes on without gap or
/// repetition.</param>
/// <param name="Events">In the order of their revisions; empty where only progress is reported.</param>
public sealed record WatchBatch(Revision Revision, IReadOnlyList<WatchEvent> Events);

namespace Lepton.Raft.Core;

/// <summary>
/// Names one write. An entry's index alone would not do: an entry may be overwritten by another and come back while
/// the first write is still on its way to the disk, and only the write's number tells its copies apart.
/// </summary>
/// <param name="Write">Counts the turns.</param>
/// <param name="Term">The term of the last entry of the write; of the log's last one where there was none.</param>
/// <param name="Index">That entry's index.</param>
public readonly record struct DurabilityMark(long Write, Term Term, LogIndex Index);

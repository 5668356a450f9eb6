namespace Lepton.Raft.Log;

/// <summary>
/// Entries that this node once had on disk and can't read any more, found when its log was opened. Until they are there
/// again, the node must neither vote nor campaign nor let its log be truncated below <see cref="LastIndex"/> by
/// anything but the leader's own copies: others may have counted on it.
/// </summary>
/// <param name="FirstIndex">The first entry that is lost.</param>
/// <param name="LastIndex">The last entry that the node is known to have had, at least.</param>
/// <param name="HardStateLost">Whether the term and the vote may be older than what the node once promised.</param>
public sealed record LogDamage(LogIndex FirstIndex, LogIndex LastIndex, bool HardStateLost);

namespace Lepton.Coordination.Corruption;

/// <summary>What a member says that its keys are.</summary>
/// <param name="Hash">The checksum.</param>
/// <param name="Revision">Up to which revision.</param>
/// <param name="CompactedRevision">From which compacted revision on; 0 where nothing is compacted.</param>
internal sealed record MemberHash(uint Hash, long Revision, long CompactedRevision);

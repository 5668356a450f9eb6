namespace Lepton.Raft.Messages;

/// <summary>What became of a proposal at the leader.</summary>
/// <param name="Id">The proposer's number for it.</param>
/// <param name="Failure">Why it was refused; null where it is in the leader's log.</param>
/// <param name="Term">Where accepted: the term ...</param>
/// <param name="Index">... and the index of its entry; of the joint membership, where the change needs one.</param>
public readonly record struct ProposalOutcome(ulong Id, ConsensusFailure? Failure, Term Term, LogIndex Index);

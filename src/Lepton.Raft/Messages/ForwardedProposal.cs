namespace Lepton.Raft.Messages;

/// <summary>One proposal on its way from a follower to the leader.</summary>
/// <param name="Id">The follower's number for it.</param>
/// <param name="Kind"><see cref="EntryKind.Command"/>, or <see cref="EntryKind.Membership"/> for a change of
/// it.</param>
/// <param name="Data">The command, or the encoded change.</param>
public readonly record struct ForwardedProposal(ulong Id, EntryKind Kind, ReadOnlyMemory<byte> Data);

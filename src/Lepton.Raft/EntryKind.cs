namespace Lepton.Raft;

/// <summary>What an entry of the log is for. The numbers are part of the formats on disk and on the wire.</summary>
public enum EntryKind : byte
{
    /// <summary>A new leader's first entry, which commits what came before it (Raft thesis §6.4).</summary>
    NoOp = 0,

    /// <summary>A command of the state machine's.</summary>
    Command = 1,

    /// <summary>An encoded <see cref="Membership.ClusterMembership"/>, in force as soon as it is in the log.</summary>
    Membership = 2,
}

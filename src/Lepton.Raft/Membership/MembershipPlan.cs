using System.Diagnostics.CodeAnalysis;

namespace Lepton.Raft.Membership;

/// <summary>What a change leads to, or why it is refused.</summary>
/// <param name="Next">The membership to put into the log, joint where the voters change; null where refused.</param>
/// <param name="Refusal">Why it is refused; null where it is not.</param>
public readonly record struct MembershipPlan(ClusterMembership? Next, MembershipRefusal? Refusal)
{
    /// <summary>Whether the change can be made.</summary>
    [MemberNotNullWhen(true, nameof(Next))]
    [MemberNotNullWhen(false, nameof(Refusal))]
    public bool IsPossible => Next is not null;
}

namespace Lepton.Raft.Membership;

/// <summary>One change of the membership, as an operator asks for it.</summary>
public abstract record MembershipChange
{
    private MembershipChange()
    {
    }

    /// <summary>Adds a node that receives the log and does not vote.</summary>
    public sealed record AddLearner(Member Member) : MembershipChange;

    /// <summary>Adds a node that votes at once.</summary>
    public sealed record AddVoter(Member Member) : MembershipChange;

    /// <summary>Lets a learner vote.</summary>
    public sealed record Promote(NodeId Id) : MembershipChange;

    /// <summary>Takes a node out, for good.</summary>
    public sealed record Remove(NodeId Id) : MembershipChange;

    /// <summary>Changes a member's name or addresses; who votes stays.</summary>
    public sealed record Update(Member Member) : MembershipChange;
}

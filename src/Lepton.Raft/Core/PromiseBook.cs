using Lepton.Core;

namespace Lepton.Raft.Core;

/// <summary>The term and the vote: what they are, and which of them the disk has.</summary>
internal sealed class PromiseBook(HardState written)
{
    private readonly Queue<(long Write, HardState Promises)> _writes = new();
    private HardState _durable = written;
    private HardState _handed = written;

    public Term Term { get; private set; } = written.Term;

    public NodeId Vote { get; private set; } = written.Vote;

    /// <summary>Whether the node could not forget what it promised.</summary>
    public bool AreDurable => _durable.Term == Term && _durable.Vote == Vote;

    public void Enter(Term term, NodeId vote)
    {
        Invariant.Check(term > Term);
        Term = term;
        Vote = vote;
    }

    public void VoteFor(NodeId candidate)
    {
        Invariant.Check(Vote == NodeId.None || Vote == candidate);
        Vote = candidate;
    }

    /// <summary>
    /// What the host is to write now. What is committed can be learnt again, so it goes along with other writes and
    /// never causes one; it never exceeds what this write and earlier ones make durable.
    /// </summary>
    public HardState? Hand(long write, LogIndex commit, bool hasEntries)
    {
        bool changed = _handed.Term != Term || _handed.Vote != Vote;
        if (!changed && !(hasEntries && commit > _handed.Commit))
        {
            return null;
        }

        _handed = new HardState(Term, Vote, commit > _handed.Commit ? commit : _handed.Commit);
        _writes.Enqueue((write, _handed));
        return _handed;
    }

    public void Acknowledge(long write)
    {
        while (_writes.TryPeek(out (long Write, HardState Promises) first) && first.Write <= write)
        {
            _writes.Dequeue();
            _durable = first.Promises;
        }
    }

    /// <summary>What was given is not on the disk, and will be given again.</summary>
    public void TakeBack()
    {
        _writes.Clear();
        _handed = _durable;
    }
}

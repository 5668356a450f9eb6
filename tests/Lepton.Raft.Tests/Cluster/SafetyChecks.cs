using Lepton.Raft.Core;

namespace Lepton.Raft.Tests.Cluster;

/// <summary>What must hold of all nodes together, at each step (Raft paper, figure 3).</summary>
internal sealed class SafetyChecks
{
    private readonly Dictionary<Term, NodeId> _leaders = [];
    private readonly Dictionary<(Term, LogIndex), (LogEntry Entry, Term Previous)> _written = [];
    private readonly SortedDictionary<long, LogEntry> _applied = [];

    /// <summary>The highest index that any state machine has applied.</summary>
    public LogIndex Applied { get; private set; }

    /// <summary>Whether entries applied must be on the disks of a quorum, which damage to one may break.</summary>
    public bool DemandsDurableQuorum { get; set; } = true;

    public void Leads(ClusterNode leader)
    {
        Term term = leader.Core.Term;
        if (_leaders.TryGetValue(term, out NodeId other))
        {
            Check(other == leader.Id, $"election safety: {other} and {leader.Id} both lead term {term}");
            return;
        }

        _leaders[term] = leader.Id;
        foreach (LogEntry committed in _applied.Values.Where(entry => entry.Index > leader.Log.Snapshot.Index))
        {
            Check(
                leader.Core.Node.Log.TermOf(committed.Index) == committed.Term,
                $"leader completeness: {leader.Id} leads term {term} without entry {committed.Index} of term " +
                $"{committed.Term}");
        }
    }

    /// <summary>Entries are on a disk or on their way: the same index and term must mean the same entry, and the same
    /// one before it.</summary>
    public void Exist(NodeId node, Term before, IReadOnlyList<LogEntry> entries)
    {
        Term previous = before;
        foreach (LogEntry entry in entries)
        {
            if (!_written.TryGetValue((entry.Term, entry.Index), out (LogEntry Entry, Term Previous) known))
            {
                _written[(entry.Term, entry.Index)] = (entry, previous);
                previous = entry.Term;
                continue;
            }

            bool isSame = known.Entry.Kind == entry.Kind && known.Entry.Data.Span.SequenceEqual(entry.Data.Span);
            Check(
                isSame && known.Previous == previous,
                $"log matching: {node} has another entry {entry.Index} of term {entry.Term}");
            previous = entry.Term;
        }
    }

    public void Applies(ClusterNode node, LogEntry entry, IEnumerable<ClusterNode> all)
    {
        if (_applied.TryGetValue(entry.Index.Value, out LogEntry? known))
        {
            Check(
                known.Term == entry.Term && known.Data.Span.SequenceEqual(entry.Data.Span),
                $"state-machine safety: {node.Id} applies another entry {entry.Index}");
            return;
        }

        Check(entry.Index == Applied.Next, $"{node.Id} applies {entry.Index} first of all, after {Applied}");
        _applied[entry.Index.Value] = entry;
        Applied = entry.Index;
        if (DemandsDurableQuorum)
        {
            NodeId[] holders = [.. all.Where(other => other.HasDurably(entry)).Select(other => other.Id)];
            IReadOnlyList<NodeId> voters = node.Core.Membership.Voters;
            Check(
                voters.Intersect(holders).Count() > voters.Count / 2 || node.Core.Membership.IsJoint
                    || node.Core.Node.Memberships.CurrentIndex >= entry.Index,
                $"durability: entry {entry.Index} is applied and durable on {holders.Length} nodes only");
        }
    }

    public static void Reads(ClusterNode node, LogIndex index, LogIndex appliedBefore) => Check(
        index >= appliedBefore,
        $"stale read: {node.Id} may read at {index}; {appliedBefore} was applied before it asked");

    private static void Check(bool holds, string message)
    {
        if (!holds)
        {
            throw new SafetyException(message);
        }
    }
}

/// <summary>The nodes together broke a promise.</summary>
internal sealed class SafetyException(string message) : Exception(message);

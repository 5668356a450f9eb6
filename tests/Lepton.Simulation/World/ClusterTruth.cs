using System.Globalization;
using Lepton.Core.Hashing;
using Lepton.Raft;

namespace Lepton.Simulation.World;

/// <summary>
/// What all nodes together have shown, over all their crashes: Raft's safety properties (paper, figure 3) are judged
/// against it as things happen.
/// </summary>
internal sealed class ClusterTruth
{
    private readonly Dictionary<Term, NodeId> _leaders = [];
    private readonly SortedDictionary<LogIndex, (Term Term, ulong Hash, NodeId By)> _applied = [];

    /// <summary>The last entry that any node has applied.</summary>
    public (LogIndex Index, Term Term) LastApplied { get; private set; }

    /// <summary>How many elections were won.</summary>
    public int Elections => _leaders.Count;

    /// <summary>A node leads in a term: no other one may have, and it must hold all that was applied.</summary>
    /// <param name="node">The node.</param>
    /// <param name="term">The term.</param>
    /// <param name="termOf">The terms of its log's entries; null for those before its log.</param>
    public void Leads(NodeId node, Term term, Func<LogIndex, Term?> termOf)
    {
        if (_leaders.TryGetValue(term, out NodeId other))
        {
            Demand(other == node, "election safety", $"both {other} and {node} lead in term {term}");
            return;
        }

        _leaders.Add(term, node);
        if (LastApplied.Index > LogIndex.Zero)
        {
            Term? held = termOf(LastApplied.Index);
            Demand(held == LastApplied.Term, "leader completeness",
                $"{node} leads in term {term} and holds an entry of term {held?.ToString() ?? "none"} at " +
                $"{LastApplied.Index}, where one of term {LastApplied.Term} was applied");
        }
    }

    /// <summary>A node applies an entry: every node must apply the same one at that index.</summary>
    public void Applies(NodeId node, LogIndex index, Term term, ReadOnlySpan<byte> data)
    {
        ulong hash = Xxh3.Hash(data, 0);
        if (_applied.TryGetValue(index, out (Term Term, ulong Hash, NodeId By) first))
        {
            Demand(first.Term == term && first.Hash == hash, "state-machine safety",
                $"{node} applies an entry of term {term} at {index}, where {first.By} applied another one of term " +
                $"{first.Term}");
            return;
        }

        _applied.Add(index, (term, hash, node));
        if (index > LastApplied.Index)
        {
            LastApplied = (index, term);
        }
    }

    /// <summary>Fails the run.</summary>
    public static void Demand(bool holds, string property, string what)
    {
        if (!holds)
        {
            throw new SafetyViolationException(string.Create(CultureInfo.InvariantCulture, $"{property}: {what}"));
        }
    }
}

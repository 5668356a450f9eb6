using System.Globalization;
using System.Text;
using Lepton.Coordination.Store;
using Lepton.Core.Hashing;
using Lepton.Raft;
using Lepton.Simulation.Checking;

namespace Lepton.Simulation.World;

/// <summary>
/// What all nodes together have shown, over all their crashes: Raft's safety properties (paper, figure 3) are judged
/// against it as things happen, each new entry, commit and leader once.
/// </summary>
internal sealed class ClusterTruth
{
    private readonly Dictionary<Term, NodeId> _leaders = [];
    private readonly Dictionary<(LogIndex Index, Term Term), (Term Before, ulong Hash, NodeId By)> _entries = [];
    private readonly Dictionary<LogIndex, (Term Term, NodeId By)> _committed = [];
    private readonly Dictionary<LogIndex, (Term Term, ulong Hash, NodeId By)> _applied = [];
    private readonly Dictionary<ulong, LogIndex> _proposals = [];
    private readonly SortedDictionary<Term, (LogIndex Index, Term Term)> _committedIn = [];
    private readonly List<WatchedEvent> _changes = [];
    private readonly HashSet<(long Revision, string Key, string? Value)> _changeSet = [];
    private readonly HashSet<(string Key, string? Value)> _values = [];

    /// <summary>How many elections were won.</summary>
    public int Elections => _leaders.Count;

    /// <summary>The store's revision as of the last command that any node has applied.</summary>
    public long LastRevision { get; private set; } = 1;

    /// <summary>All changes of all keys, in order.</summary>
    public IReadOnlyList<WatchedEvent> AllChanges => _changes;

    /// <summary>
    /// A node's log holds an entry. Log matching: wherever an index and a term are the same, so are the entry and the
    /// term before it, and by induction all entries before it.
    /// </summary>
    public void Holds(NodeId node, LogEntry entry, Term? before, bool isNew)
    {
        Demand(before is not null, "log matching", $"{node} holds {entry.Index} and nothing before it");
        ulong hash = Xxh3.Hash(entry.Data.Span, (ulong)entry.Kind);
        bool isKnown = _entries.TryGetValue(
            (entry.Index, entry.Term), out (Term Before, ulong Hash, NodeId By) first);
        if (isKnown)
        {
            Demand(first.Hash == hash && first.Before == before, "log matching",
                $"{node} and {first.By} hold entries of term {entry.Term} at {entry.Index} that differ, or lie " +
                $"behind entries of other terms ({before} and {first.Before})");
            return;
        }

        Demand(isNew, "log matching",
            $"{node} has read an entry of term {entry.Term} at {entry.Index} from its disk that nobody wrote");
        _entries.Add((entry.Index, entry.Term), (before!.Value, hash, node));
    }

    /// <summary>A node leads in a term: no other one may have.</summary>
    /// <returns>Whether it was not known yet.</returns>
    public bool Leads(NodeId node, Term term)
    {
        if (_leaders.TryGetValue(term, out NodeId other))
        {
            Demand(other == node, "election safety", $"both {other} and {node} lead in term {term}");
            return false;
        }

        _leaders.Add(term, node);
        return true;
    }

    /// <summary>
    /// A leader holds all that leaders of earlier terms have committed. Leaders of later terms may have committed
    /// more already, of which one whose votes came late knows nothing.
    /// </summary>
    public void DemandComplete(NodeId leader, Term term, LogIndex snapshot, Func<LogIndex, Term?> termOf)
    {
        foreach ((Term earlier, (LogIndex index, Term entryTerm)) in _committedIn)
        {
            if (earlier >= term)
            {
                return;
            }

            Term? held = termOf(index);
            Demand(held == entryTerm || (held is null && index <= snapshot), "leader completeness",
                $"{leader} leads in term {term} and holds an entry of term {held?.ToString() ?? "none"} at {index}, " +
                $"where one of term {entryTerm} was committed in term {earlier}");
        }
    }

    /// <summary>A node takes entries for committed: no other one may at that index.</summary>
    public void Commits(NodeId node, LogIndex from, LogIndex to, Func<LogIndex, Term?> termOf)
    {
        for (LogIndex index = from; index <= to; index = index.Next)
        {
            if (termOf(index) is not { } term)
            {
                continue;
            }

            if (_committed.TryGetValue(index, out (Term Term, NodeId By) first))
            {
                Demand(first.Term == term, "state-machine safety",
                    $"{node} takes an entry of term {term} for committed at {index}, where {first.By} committed one " +
                    $"of term {first.Term}");
            }
            else
            {
                _committed.Add(index, (term, node));
            }
        }
    }

    /// <summary>A leader has committed up to an index.</summary>
    public void CommitsInTerm(Term term, LogIndex index, Term entryTerm) => _committedIn[term] = (index, entryTerm);

    /// <summary>
    /// A node applies an entry: every node must apply the same one at that index, and no proposal is applied twice.
    /// </summary>
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
        if (_entries.TryGetValue((index, term), out (Term Before, ulong Hash, NodeId By) entry)
            && !_proposals.TryAdd(entry.Hash, index))
        {
            // An entry names its proposal, so no two of them are the same.
            Demand(false, "applied once", $"{node} applies at {index} what was applied at {_proposals[entry.Hash]}");
        }
    }

    /// <summary>The first node has applied changes of keys.</summary>
    public void Changes(IReadOnlyList<KeyChange> changes, long revision)
    {
        int order = 0;
        foreach (KeyChange change in changes)
        {
            order = _changes.Count > 0 && _changes[^1].Revision == change.Revision ? order + 1 : 0;
            WatchedEvent happened = new(
                change.Revision, order, Encoding.UTF8.GetString(change.Version.Key),
                change.Version.IsTombstone ? null : Encoding.UTF8.GetString(change.Version.ValueMemory.Span));
            _changes.Add(happened);
            _changeSet.Add((happened.Revision, happened.Key, happened.Value));
            _values.Add((happened.Key, happened.Value));
        }

        LastRevision = revision;
    }

    /// <summary>Whether any node has given a key a value.</summary>
    public bool WasWritten(string key, string value) => _values.Contains((key, value));

    /// <summary>A client was told that its write took effect: it must have, at the revision that it was told.</summary>
    public void DemandHappened(long revision, string key, string? value) =>
        Demand(_changeSet.Contains((revision, key, value)), "durability",
            $"a client was told that {key} became {value ?? "none"} at revision {revision}, and no node did that");

    /// <summary>Fails the run.</summary>
    public static void Demand(bool holds, string property, string what)
    {
        if (!holds)
        {
            throw new SafetyViolationException(string.Create(CultureInfo.InvariantCulture, $"{property}: {what}"));
        }
    }
}

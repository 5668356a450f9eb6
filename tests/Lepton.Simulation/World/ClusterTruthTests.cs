using Lepton.Raft;

namespace Lepton.Simulation.World;

/// <summary>Each property is seen to fail on a planted violation, and to hold on what only looks like one.</summary>
public sealed class ClusterTruthTests
{
    private static readonly NodeId N1 = new(1);
    private static readonly NodeId N2 = new(2);
    private readonly ClusterTruth _truth = new();

    [Fact]
    public void Leads_TwoInATerm_IsFound()
    {
        Assert.True(_truth.Leads(N1, new Term(2)));
        Assert.False(_truth.Leads(N1, new Term(2)));
        Violates("election safety", () => _truth.Leads(N2, new Term(2)));
    }

    [Fact]
    public void Holds_SameIndexAndTermButAnotherEntry_IsFound()
    {
        _truth.Holds(N1, Entry(2, 5, 1), new Term(1), isNew: true);
        _truth.Holds(N2, Entry(2, 5, 1), new Term(1), isNew: true);
        _truth.Holds(N2, Entry(3, 5, 2), new Term(1), isNew: true);
        Violates("log matching", () => _truth.Holds(N2, Entry(2, 5, 9), new Term(1), isNew: true));
    }

    [Fact]
    public void Holds_SameEntryBehindAnotherTerm_IsFound()
    {
        _truth.Holds(N1, Entry(3, 5, 1), new Term(1), isNew: true);
        Violates("log matching", () => _truth.Holds(N2, Entry(3, 5, 1), new Term(2), isNew: true));
    }

    [Fact]
    public void Holds_ReadFromADiskAndNeverWritten_IsFound() =>
        Violates("log matching", () => _truth.Holds(N1, Entry(3, 5, 1), new Term(1), isNew: false));

    [Fact]
    public void DemandComplete_WithoutWhatAnEarlierTermCommitted_IsFound()
    {
        _truth.CommitsInTerm(new Term(2), new LogIndex(5), new Term(2));
        _truth.CommitsInTerm(new Term(7), new LogIndex(9), new Term(7));
        Complete(index => index == new LogIndex(5) ? new Term(2) : null);
        Violates("leader completeness", () => Complete(static _ => null));
        Violates("leader completeness", () => Complete(static _ => new Term(1)));
    }

    [Fact]
    public void Commits_AnotherTermAtTheSameIndex_IsFound()
    {
        _truth.Commits(N1, new LogIndex(1), new LogIndex(2), static _ => new Term(1));
        Violates("state-machine safety",
            () => _truth.Commits(N2, new LogIndex(2), new LogIndex(2), static _ => new Term(3)));
    }

    [Fact]
    public void Applies_AnotherCommandAtTheSameIndex_IsFound()
    {
        _truth.Applies(N1, new LogIndex(1), new Term(1), [1]);
        _truth.Applies(N2, new LogIndex(1), new Term(1), [1]);
        Violates("state-machine safety", () => _truth.Applies(N2, new LogIndex(1), new Term(1), [2]));
    }

    [Fact]
    public void Applies_TheSameProposalAtTwoIndexes_IsFound()
    {
        _truth.Holds(N1, Entry(2, 1, 7), new Term(1), isNew: true);
        _truth.Holds(N1, Entry(3, 1, 7), new Term(1), isNew: true);
        _truth.Applies(N1, new LogIndex(2), new Term(1), [7]);
        Violates("applied once", () => _truth.Applies(N1, new LogIndex(3), new Term(1), [7]));
    }

    [Fact]
    public void DemandHappened_NobodyDidIt_IsFound() =>
        Violates("durability", () => _truth.DemandHappened(2, "a", "1"));

    private void Complete(Func<LogIndex, Term?> termOf) =>
        _truth.DemandComplete(N2, new Term(6), LogIndex.Zero, termOf);

    private static LogEntry Entry(long index, long term, byte data) =>
        new(new Term(term), new LogIndex(index), EntryKind.Command, new[] { data });

    private static void Violates(string property, Action action) =>
        Assert.StartsWith(property, Assert.Throws<SafetyViolationException>(action).Message, StringComparison.Ordinal);
}

using Lepton.Raft;

namespace Lepton.Simulation.Log;

/// <summary>What a log is meant to hold. Immutable.</summary>
/// <param name="Entries">All entries ever, from index 1 on; those before a snapshot of another's are null.</param>
/// <param name="HardState">The hard state.</param>
internal sealed record ModelState(IReadOnlyList<LogEntry?> Entries, HardState HardState)
{
    public static ModelState Empty { get; } = new([], default);

    public LogIndex Last => new(Entries.Count);

    public LogEntry? At(LogIndex index) => index.Value >= 1 && index <= Last ? Entries[(int)index.Value - 1] : null;

    public Term TermAt(LogIndex index) => At(index)?.Term ?? Term.Zero;

    public ModelState Append(IReadOnlyList<LogEntry> entries, HardState hardState)
    {
        List<LogEntry?> all = [.. Entries];
        if (entries.Count > 0)
        {
            int keep = (int)entries[0].Index.Value - 1;
            all.RemoveRange(keep, all.Count - keep);
            all.AddRange(entries);
        }

        return new ModelState(all, hardState);
    }

    /// <summary>The state as it is seen behind a snapshot.</summary>
    public ModelState Behind(SnapshotMeta snapshot, LogEntry? snapshotEntry)
    {
        ModelState state = this;
        if (snapshot.Index.Value > 0 && TermAt(snapshot.Index) != snapshot.Term)
        {
            LogEntry?[] unknown = new LogEntry?[snapshot.Index.Value];
            unknown[^1] = snapshotEntry;
            state = new ModelState(unknown, HardState);
        }

        return HardState.Commit < snapshot.Index
            ? state with { HardState = HardState with { Commit = snapshot.Index } }
            : state;
    }
}

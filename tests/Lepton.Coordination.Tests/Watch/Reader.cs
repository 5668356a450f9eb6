using Lepton.Coordination.Store;
using Lepton.Coordination.Tests.Store;
using Lepton.Coordination.Watch;

namespace Lepton.Coordination.Tests.Watch;

/// <summary>A watcher and what it has seen.</summary>
internal sealed class Reader : IWatchSink
{
    private readonly WatchHub _hub;

    public Reader(WatchHub hub, WatchOptions options)
    {
        _hub = hub;
        Watcher = hub.Add(options, this, out var revision);
        First = options.StartRevision > 0 ? options.StartRevision : revision + 1;
    }

    public Watcher Watcher { get; }

    /// <summary>The first revision that it must see.</summary>
    public long First { get; }

    public List<KeyChange> Seen { get; } = [];

    public WatchReading Last { get; private set; }

    public int Woken { get; private set; }

    public void Ready(Watcher watcher) => Woken++;

    /// <summary>Reads once.</summary>
    public WatchOutcome Read()
    {
        var reading = _hub.Read(Watcher);
        if (reading.Outcome == WatchOutcome.Changes)
        {
            // Whole revisions: none is split between two readings.
            Assert.NotEmpty(reading.Changes);
            Assert.True(Seen.Count == 0 || Seen[^1].Revision < reading.Changes[0].Revision);
            Seen.AddRange(reading.Changes);
        }

        Last = reading;
        return reading.Outcome;
    }

    /// <summary>Reads until there is nothing more.</summary>
    public WatchOutcome ReadAll()
    {
        while (Read() is WatchOutcome.Changes or WatchOutcome.Again)
        {
        }

        return Last.Outcome;
    }

    public string Text => string.Join(" ", Seen.Select(change =>
        $"{change.Revision}:{NaiveStore.Text(change.Version.Key)}"
        + (change.Version.IsTombstone ? "-" : $"={NaiveStore.Text(change.Version.Value)}")));
}

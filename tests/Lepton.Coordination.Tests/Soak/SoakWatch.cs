using Lepton.Coordination.Client;
using Lepton.Simulation.Checking;

namespace Lepton.Coordination.Tests.Soak;

/// <summary>
/// One watch of the journal over the whole soak, through all deaths of the servers under it. Each key of the journal is
/// written once, so that what the store holds in the end is all that happened.
/// </summary>
internal sealed class SoakWatch(CoordinationClient client, SoakTally tally)
{
    public const string Prefix = "j/";
    private const string Last = Prefix + "end";
    private readonly List<WatchedEvent> _told = [];

    /// <summary>Runs until the journal's last key is told.</summary>
    public async Task RunAsync(Revision from)
    {
        WatchOptions options = new()
        {
            StartRevision = from, OnInterrupted = _ => tally.Add("watch: interrupted and resumed"),
        };
        await foreach (WatchBatch batch in client.WatchAsync(KeyRange.Prefix(Prefix), options))
        {
            foreach (WatchEvent change in batch.Events)
            {
                _told.Add(EventOf(change.Entry));
                if (change.Entry.Key == Last)
                {
                    return;
                }
            }
        }
    }

    /// <summary>Ends the journal.</summary>
    public static Task CloseAsync(CoordinationClient client) => client.PutAsync(Last, "end");

    /// <summary>Compares what was told with what the store holds; empty where they agree.</summary>
    public IReadOnlyList<string> Check(IReadOnlyList<KeyValue> journal, Revision from, Revision upto)
    {
        tally.Add("watch: events told", _told.Count);
        List<WatchedEvent> happened = [.. journal.Select(EventOf).OrderBy(change => change.Revision)];
        return WatchChecker.Check(happened, _told, from.Value, upto.Value);
    }

    private static WatchedEvent EventOf(KeyValue entry) =>
        new(entry.ModRevision.Value, 0, entry.Key.ToString(), entry.Value.ToString());
}

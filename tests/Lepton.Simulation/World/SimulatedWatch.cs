using Google.Protobuf;
using Lepton.Coordination.Client;
using Lepton.Coordination.Client.Watching;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.State;
using Lepton.Coordination.Store;
using Lepton.Coordination.Watch;
using Lepton.Core.Randomness;
using Lepton.Simulation.Checking;
using KeyRange = Lepton.Coordination.Store.KeyRange;
using WatchOptions = Lepton.Coordination.Watch.WatchOptions;

namespace Lepton.Simulation.World;

/// <summary>
/// One who watches some keys, at one node after the other: the server's hub on one side, the client's cursor on the
/// other, between them a stream that is late, that breaks, and that is lost with its node.
/// </summary>
internal sealed class SimulatedWatch(SimulatedCluster cluster, int number, SeededRandom random) : IWatchSink
{
    private readonly KeyRange _range = number % 2 == 0
        ? KeyRange.All
        : new KeyRange(System.Text.Encoding.UTF8.GetBytes(SimulatedCluster.Keys[number % 3]));

    private readonly List<WatchedEvent> _told = [];
    private WatchCursor _cursor = new(Revision.None);
    private WatchHub? _hub;
    private Watcher? _watcher;
    private SimulatedNode? _node;
    private Revision _from;
    private long _connection;
    private long _arrivesUs;
    private bool _isSettled;

    /// <summary>When it told of which revisions.</summary>
    public List<(long At, long Revision)> Told { get; } = [];

    /// <summary>Begins to watch, or goes on, at any node.</summary>
    public void Connect()
    {
        long connection = ++_connection;
        if (_hub is not null && _watcher is not null)
        {
            _hub.Cancel(_watcher);
        }

        (_hub, _watcher) = (null, null);
        SimulatedNode? node = _isSettled ? cluster.AnyVoter(random) : cluster.AnyRunning(random);
        node?.Do(_ => Create(connection, node));
        if (!_isSettled)
        {
            // Any stream ends some time; this also finds out that a node is gone, or keeps silent.
            cluster.Events.After(50_000 + random.NextInt32(3_000_000), () =>
            {
                if (connection == _connection)
                {
                    Connect();
                }
            });
        }
    }

    /// <summary>All is well again: watches at one node until the end.</summary>
    public void Settle()
    {
        _isSettled = true;
        Connect();
    }

    /// <summary>Judges what was told: all that happened, once and in order, up to the end.</summary>
    public void DemandTold()
    {
        ClusterTruth.Demand(_from != Revision.None, "watches", $"watch {number} was never put in place");
        Judge(cluster.Truth.LastRevision);
    }

    void IWatchSink.Ready(Watcher watcher) => PumpLater(_connection);

    private void Create(long connection, SimulatedNode node)
    {
        if (connection != _connection)
        {
            return;
        }

        (_node, _hub) = (node, node.State.Watches);
        if (_from != Revision.None)
        {
            cluster.Faults.Hit(Fault.WatchResumed);
        }

        _watcher = _hub.Add(new WatchOptions(_range, _cursor.Next.Value), this, out long revision);
        Deliver(connection, () =>
        {
            _cursor.Created(new Revision(revision));
            _from = _from == Revision.None ? _cursor.Next : _from;
        });
        PumpLater(connection);
    }

    /// <summary>The server reads what there is to tell; now and then so late that the watcher falls behind.</summary>
    private void PumpLater(long connection) =>
        cluster.Events.After(random.NextInt32(20) == 0 ? 400_000 : 1_000, () => Pump(connection));

    private void Pump(long connection)
    {
        // The stream ends with its node.
        if (connection != _connection || _watcher is null || _node is not { IsRunning: true } node
            || node.State.Watches != _hub)
        {
            return;
        }

        if (node.IsPaused)
        {
            PumpLater(connection);
            return;
        }

        WatchReading reading = _hub.Read(_watcher);
        switch (reading.Outcome)
        {
            case WatchOutcome.Changes:
                Send(connection, reading.Changes);
                PumpLater(connection);
                break;
            case WatchOutcome.Again:
                PumpLater(connection);
                break;
            case WatchOutcome.Compacted:
                Deliver(connection, () => StartOver(reading.CompactedRevision));
                break;
            case WatchOutcome.Waiting when random.NextInt32(4) == 0 && _hub.ProgressOf([_watcher]) is { } progress:
                Take(connection, new WatchResponse { Header = Messages.Header(progress), WatchId = 1 });
                break;
        }
    }

    private void Send(long connection, IReadOnlyList<KeyChange> changes)
    {
        int part = random.NextInt32(3) == 0 ? 1 : changes.Count;
        for (int first = 0; first < changes.Count; first += part)
        {
            WatchResponse response = new()
            {
                Header = Messages.Header(changes[^1].Revision),
                WatchId = 1,
                Fragment = first + part < changes.Count,
            };
            response.Events.AddRange(
                changes.Skip(first).Take(part).Select(change => Messages.ToEvent(change, withPrevious: false)));
            if (response.Fragment)
            {
                cluster.Faults.Hit(Fault.WatchFragmented);
            }

            Take(connection, response);
        }
    }

    /// <summary>A response travels, and the client takes it.</summary>
    private void Take(long connection, WatchResponse response)
    {
        byte[] bytes = response.ToByteArray();
        Deliver(connection, () =>
        {
            if (_cursor.Take(WatchResponse.Parser.ParseFrom(bytes)) is not { } batch)
            {
                return;
            }

            foreach (WatchEvent change in batch.Events)
            {
                long revision = change.Entry.ModRevision.Value;
                int order = _told.Count > 0 && _told[^1].Revision == revision ? _told[^1].Order + 1 : 0;
                _told.Add(new WatchedEvent(
                    revision, order, System.Text.Encoding.UTF8.GetString(change.Entry.Key.Span),
                    change.Kind == WatchEventKind.Put
                        ? System.Text.Encoding.UTF8.GetString(change.Entry.Value.Span) : null));
            }

            Told.Add((cluster.Events.NowUs, batch.Revision.Value));
        });
    }

    /// <summary>What a stream carries comes in order; what is on its way when it breaks is lost.</summary>
    private void Deliver(long connection, Action action)
    {
        _arrivesUs = Math.Max(_arrivesUs, cluster.Events.NowUs + random.NextInt32(20_000));
        cluster.Events.After(_arrivesUs - cluster.Events.NowUs, () =>
        {
            if (connection == _connection)
            {
                action();
            }
        });
    }

    private void StartOver(long compacted)
    {
        ClusterTruth.Demand(_cursor.Next.Value < compacted, "watches",
            $"watch {number} was told that revision {_cursor.Next} is compacted; only those before {compacted} are");
        cluster.Faults.Hit(Fault.WatchCompacted);
        Judge(_cursor.Next.Value - 1);
        _told.Clear();
        _from = new Revision(compacted);
        _cursor = new WatchCursor(_from);
        Connect();
    }

    private void Judge(long upto)
    {
        List<WatchedEvent> happened = [];
        foreach (WatchedEvent change in cluster.Truth.AllChanges)
        {
            if (_range.Contains(System.Text.Encoding.UTF8.GetBytes(change.Key)))
            {
                int order = happened.Count > 0 && happened[^1].Revision == change.Revision
                    ? happened[^1].Order + 1 : 0;
                happened.Add(change with { Order = order });
            }
        }

        IReadOnlyList<string> wrong = WatchChecker.Check(happened, _told, _from.Value, upto);
        ClusterTruth.Demand(wrong.Count == 0, "watches", $"watch {number}: {string.Join(" ", wrong.Take(3))}");
    }
}

using System.Diagnostics.Metrics;
using Lepton.Raft;

namespace Lepton.Coordination.Services;

/// <summary>
/// What the services count, for <c>/metrics</c> and for whoever listens to the meter <c>Lepton.Coordination</c>; its
/// tag <c>member</c> tells several members of one process apart. Thread safe.
/// </summary>
internal sealed class ServiceMetrics : IDisposable
{
    private readonly Meter _meter;
    private long _ranges;
    private long _puts;
    private long _deletes;
    private long _txns;
    private long _compactions;
    private long _failures;
    private long _watches;
    private long _watchStreams;
    private long _watchEvents;
    private long _leaseGrants;
    private long _leaseRevokes;
    private long _keepAlives;
    private long _slowWatches;

    /// <param name="member">Whose services these are.</param>
    public ServiceMetrics(NodeId member)
    {
        _meter = new Meter(new MeterOptions("Lepton.Coordination")
        {
            Tags = [new KeyValuePair<string, object?>("member", member.ToString())],
        });
        foreach (Entry entry in Read())
        {
            string name = entry.Name;
            if (entry.IsCounter)
            {
                _meter.CreateObservableCounter(name, () => Value(name), description: entry.Help);
            }
            else
            {
                _meter.CreateObservableGauge(name, () => Value(name), description: entry.Help);
            }
        }
    }

    public void CountRange() => Interlocked.Increment(ref _ranges);

    public void CountPut() => Interlocked.Increment(ref _puts);

    public void CountDelete() => Interlocked.Increment(ref _deletes);

    public void CountTxn() => Interlocked.Increment(ref _txns);

    public void CountCompaction() => Interlocked.Increment(ref _compactions);

    public void CountFailure() => Interlocked.Increment(ref _failures);

    public void CountLeaseGrant() => Interlocked.Increment(ref _leaseGrants);

    public void CountLeaseRevoke() => Interlocked.Increment(ref _leaseRevokes);

    public void CountKeepAlive() => Interlocked.Increment(ref _keepAlives);

    public void AddWatches(long change) => Interlocked.Add(ref _watches, change);

    public void AddWatchStreams(long change) => Interlocked.Add(ref _watchStreams, change);

    public void CountEvents(long count) => Interlocked.Add(ref _watchEvents, count);

    public void CountSlowWatch() => Interlocked.Increment(ref _slowWatches);

    /// <summary>All numbers as they are now, in a fixed order.</summary>
    public IReadOnlyList<Entry> Read() =>
    [
        Counter("lepton_coordination_ranges_total", "Range requests carried out.", ref _ranges),
        Counter("lepton_coordination_puts_total", "Put requests carried out.", ref _puts),
        Counter("lepton_coordination_deletes_total", "DeleteRange requests carried out.", ref _deletes),
        Counter("lepton_coordination_txns_total", "Transactions carried out.", ref _txns),
        Counter("lepton_coordination_compactions_total", "Compactions carried out.", ref _compactions),
        Counter("lepton_coordination_failures_total", "Requests that had no result for want of agreement.",
            ref _failures),
        Counter("lepton_coordination_lease_grants_total", "Leases granted.", ref _leaseGrants),
        Counter("lepton_coordination_lease_revokes_total", "Leases revoked by clients.", ref _leaseRevokes),
        Counter("lepton_coordination_lease_keepalives_total", "Keep-alives answered.", ref _keepAlives),
        Gauge("lepton_coordination_watch_streams", "Open watch streams.", ref _watchStreams),
        Gauge("lepton_coordination_watches", "Open watches.", ref _watches),
        Counter("lepton_coordination_watch_events_total", "Events sent to watches.", ref _watchEvents),
        Counter("lepton_coordination_slow_watches_total", "Times that a watch fell behind and went on from history.",
            ref _slowWatches),
    ];

    public void Dispose() => _meter.Dispose();

    private static Entry Counter(string name, string help, ref long value) =>
        new(name, help, true, Interlocked.Read(ref value));

    private static Entry Gauge(string name, string help, ref long value) =>
        new(name, help, false, Interlocked.Read(ref value));

    private long Value(string name)
    {
        foreach (Entry entry in Read())
        {
            if (entry.Name == name)
            {
                return entry.Value;
            }
        }

        return 0;
    }

    /// <summary>One number.</summary>
    internal readonly record struct Entry(string Name, string Help, bool IsCounter, long Value);
}

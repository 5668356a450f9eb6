using Lepton.Raft;
using Lepton.Raft.Hosting;

namespace Lepton.Coordination.Services;

/// <summary>
/// Ends the streams of callers that require a leader once there has been none for three election timeouts: to connect
/// anew costs more than to wait for an election to end. Thread safe.
/// </summary>
internal sealed class LeaderWatch : IDisposable
{
    private const int PeriodsMax = 3;
    private readonly Lock _gate = new();
    private readonly HashSet<Stream> _streams = [];
    private readonly IConsensus _consensus;
    private readonly ITimer _timer;
    private int _periods;

    public LeaderWatch(IConsensus consensus, TimeSpan electionTimeout, TimeProvider timeProvider)
    {
        _consensus = consensus;
        _timer = timeProvider.CreateTimer(
            static state => ((LeaderWatch)state!).Look(), this, electionTimeout, electionTimeout);
    }

    /// <summary>Watches over a stream until the result is disposed.</summary>
    public Stream Register(CancellationToken callToken)
    {
        Stream stream = new(this, CancellationTokenSource.CreateLinkedTokenSource(callToken));
        lock (_gate)
        {
            _streams.Add(stream);
        }

        return stream;
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        List<Stream> lost;
        lock (_gate)
        {
            _periods = _consensus.Status.Leader == NodeId.None ? _periods + 1 : 0;
            if (_periods < PeriodsMax || _streams.Count == 0)
            {
                return;
            }

            lost = [.. _streams];
            _streams.Clear();
        }

        lost.ForEach(static stream => stream.Lose());
    }

    private void Remove(Stream stream)
    {
        lock (_gate)
        {
            _streams.Remove(stream);
        }
    }

    /// <summary>One stream that requires a leader.</summary>
    internal sealed class Stream(LeaderWatch owner, CancellationTokenSource source) : IDisposable
    {
        private volatile bool _lost;

        /// <summary>Cancelled when the call ends, or when the leader is lost.</summary>
        public CancellationToken Token => source.Token;

        /// <summary>Whether the leader is lost.</summary>
        public bool IsLost => _lost;

        public void Lose()
        {
            _lost = true;
            _ = source.CancelAsync();
        }

        public void Dispose() => owner.Remove(this);
    }
}

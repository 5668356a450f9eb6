using Google.Protobuf;
using Lepton.Coordination.Compaction;
using Lepton.Coordination.Peers;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.Services;
using Lepton.Coordination.State;
using Lepton.Raft;
using Lepton.Raft.Hosting;
using Lepton.Raft.Membership;
using Microsoft.Extensions.Logging;
using RaftMember = Lepton.Raft.Membership.Member;

namespace Lepton.Coordination.Hosting;

/// <summary>
/// What a member does beside answering: it keeps the time of leases, tells the cluster its name and where its clients
/// reach it, lets members vote that have caught up, and compacts where it is to do so by itself.
/// </summary>
internal sealed class CoordinatorUpkeep : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LeasePeriod = TimeSpan.FromMilliseconds(100);
    private readonly CoordinatorSettings _settings;
    private readonly PeerIdentity _self;
    private readonly RaftHost _host;
    private readonly CoordinationState _state;
    private readonly LeaseKeeper _leases;
    private readonly ILogger _logger;
    private readonly AutoCompactor? _compactor;
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;
    private ConsensusStatus? _told;

    public CoordinatorUpkeep(
        CoordinatorSettings settings, PeerIdentity self, RaftHost host, CoordinationState state, LeaseKeeper leases,
        ILogger logger)
    {
        (_settings, _self, _host, _state, _leases, _logger) = (settings, self, host, state, leases, logger);
        if (settings.Compaction is { } policy)
        {
            _compactor = new AutoCompactor(policy(), host, state, settings.Options.TimeProvider, logger);
        }

        host.StatusChanged += Tell;
    }

    /// <summary>Begins.</summary>
    public void Start() => _running = Task.WhenAll(
        RunAsync(LeasePeriod, () =>
        {
            _leases.Tick();
            return Task.CompletedTask;
        }),
        RunAsync(Period, LookAsync));

    public async ValueTask DisposeAsync()
    {
        _host.StatusChanged -= Tell;
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    /// <summary>Does something again and again. The time of leases must not wait for what else is done.</summary>
    private async Task RunAsync(TimeSpan period, Func<Task> look)
    {
        using PeriodicTimer timer = new(period, _settings.Options.TimeProvider);
        while (await timer.WaitForNextTickAsync(_stopping.Token).ConfigureAwait(false))
        {
            try
            {
                await look().ConfigureAwait(false);
            }
            catch (Exception e) when (!_stopping.IsCancellationRequested)
            {
                // Whatever it was: upkeep that has silently ended would leave leases that never end.
                CoordinatorLog.UpkeepFailed(_logger, e.ToString());
            }
        }
    }

    private async Task LookAsync()
    {
        if (_host.Status.Leader != NodeId.None)
        {
            await TryAsync(IntroduceAsync).ConfigureAwait(false);
            await TryAsync(PromoteAsync).ConfigureAwait(false);
        }

        await TryAsync(PruneAsync).ConfigureAwait(false);
        await (_compactor?.TickAsync(_stopping.Token) ?? Task.CompletedTask).ConfigureAwait(false);
    }

    /// <summary>Each for itself: a learner that is never ready must not stop what comes behind it.</summary>
    private static async Task TryAsync(Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (ConsensusException)
        {
            // Nothing is lost: it is looked at again a moment later.
            return;
        }
    }

    /// <summary>
    /// Each batch of commands frees a little of what compactions hid; where no commands come, this does.
    /// </summary>
    private async Task PruneAsync()
    {
        while (_state.HasGarbage)
        {
            await _host.RunBetweenTurnsAsync(() => _state.Prune(CoordinationState.PrunedPerBatchMax))
                .ConfigureAwait(false);
        }
    }

    /// <summary>Says who this member is, where the cluster knows it otherwise.</summary>
    private async Task IntroduceAsync()
    {
        if (!_state.Manifest.ClientUrls.TryGetValue(_self.Node.Value, out var urls) ||
            !urls.SequenceEqual(_settings.AdvertisedClientUrls, StringComparer.Ordinal))
        {
            MemberAttributes attributes = new()
            {
                MemberId = _self.Node.Value,
                ClientUrls = { _settings.AdvertisedClientUrls },
            };
            await ProposeAsync(new Command { MemberAttributes = attributes }).ConfigureAwait(false);
        }

        string name = _settings.Options.Name;
        RaftMember? member = _host.Status.Membership.Members.FirstOrDefault(member => member.Id == _self.Node);
        if (member is not null && member.Name != name)
        {
            await _host.ChangeMembershipAsync(new MembershipChange.Update(member with { Name = name }), _stopping.Token)
                .ConfigureAwait(false);
        }
    }

    /// <summary>Lets those vote who were added as voters and have caught up with the leader.</summary>
    private async Task PromoteAsync()
    {
        ConsensusStatus status = _host.Status;
        NodeId ready = status.Membership.Learners.FirstOrDefault(id => status.Membership.Members.Any(member =>
            member.Id == id && member.VotesWhenReady && member.Name.Length > 0));
        if (status.IsLeader && ready != NodeId.None)
        {
            // Refused while it lags; tried again with the next look.
            await _host.ChangeMembershipAsync(new MembershipChange.Promote(ready), _stopping.Token)
                .ConfigureAwait(false);
        }
    }

    private Task<object?> ProposeAsync(Command command) => _host.ProposeAsync(command.ToByteArray(), _stopping.Token);

    private void Tell(ConsensusStatus status)
    {
        (ConsensusStatus? before, _told) = (_told, status);
        TellHealth(status, before);
        if (before is not null && (status.Leader, status.Term) == (before.Leader, before.Term))
        {
            return;
        }

        if (status.Leader == NodeId.None)
        {
            CoordinatorLog.NoLeader(_logger, status.Term);
        }
        else
        {
            CoordinatorLog.Leader(_logger, status.Leader, status.Term);
        }
    }

    private void TellHealth(ConsensusStatus status, ConsensusStatus? before)
    {
        if (status.IsDiskFull && before is not { IsDiskFull: true })
        {
            CoordinatorLog.DiskFull(_logger);
        }
        else if (!status.IsDiskFull && before is { IsDiskFull: true })
        {
            CoordinatorLog.DiskHasRoom(_logger);
        }

        if (before is { IsDamaged: true } && !status.IsDamaged)
        {
            CoordinatorLog.Repaired(_logger);
        }

        if (status.SnapshotFault is { } fault && fault != before?.SnapshotFault)
        {
            CoordinatorLog.SnapshotFailed(_logger, fault);
        }
    }
}

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
/// reach it, sounds the alarm when the state outgrows its quota, and compacts where it is to do so by itself.
/// </summary>
internal sealed class CoordinatorUpkeep : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(200);
    private readonly CoordinatorSettings _settings;
    private readonly PeerIdentity _self;
    private readonly RaftHost _host;
    private readonly CoordinationState _state;
    private readonly LeaseKeeper _leases;
    private readonly ILogger _logger;
    private readonly AutoCompactor? _compactor;
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

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
    public void Start() => _running = Task.Run(RunAsync);

    public async ValueTask DisposeAsync()
    {
        _host.StatusChanged -= Tell;
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        using PeriodicTimer timer = new(Period, _settings.Options.TimeProvider);
        while (await timer.WaitForNextTickAsync(_stopping.Token).ConfigureAwait(false))
        {
            _leases.Tick();
            try
            {
                if (_host.Status.Leader != NodeId.None)
                {
                    await IntroduceAsync().ConfigureAwait(false);
                    await PromoteAsync().ConfigureAwait(false);
                    await GuardQuotaAsync().ConfigureAwait(false);
                }

                await (_compactor?.TickAsync(_stopping.Token) ?? Task.CompletedTask).ConfigureAwait(false);
            }
            catch (ConsensusException)
            {
                // Nothing is lost: it is looked at again a moment later.
                continue;
            }
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
            await _host.ChangeMembershipAsync(new MembershipChange.Promote(ready),
                _stopping.Token).ConfigureAwait(false);
        }
    }

    private async Task GuardQuotaAsync()
    {
        long quota = _settings.Options.QuotaBackendBytes;
        if (_host.Status.IsLeader && _state.Store.SizeBytes > quota && !_state.Manifest.IsOn(AlarmType.Nospace))
        {
            CoordinatorLog.QuotaPassed(_logger, _state.Store.SizeBytes, quota);
            AlarmRequest alarm = new()
            {
                Action = AlarmRequest.Types.AlarmAction.Activate,
                Alarm = AlarmType.Nospace,
                MemberID = _self.Node.Value,
            };
            await ProposeAsync(new Command { Alarm = alarm }).ConfigureAwait(false);
        }
    }

    private Task<object?> ProposeAsync(Command command) => _host.ProposeAsync(command.ToByteArray(), _stopping.Token);

    private void Tell(ConsensusStatus status)
    {
        if (status.Leader == NodeId.None)
        {
            CoordinatorLog.NoLeader(_logger, status.Term);
        }
        else
        {
            CoordinatorLog.Leader(_logger, status.Leader, status.Term);
        }
    }
}

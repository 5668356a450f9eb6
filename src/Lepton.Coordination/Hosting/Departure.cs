using Lepton.Coordination.Peers;
using Lepton.Raft;
using Lepton.Raft.Hosting;
using Lepton.Raft.Membership;
using Lepton.Rpc.Client;
using Microsoft.Extensions.Logging;

namespace Lepton.Coordination.Hosting;

/// <summary>
/// Notices that this member was removed from its cluster: it was one of those that were agreed on, and is none any
/// more. The data directory is marked, and after a while, in which the others are answered still, the member has to
/// stop.
/// </summary>
internal sealed class Departure : IAsyncDisposable
{
    private readonly CoordinatorSettings _settings;
    private readonly NodeIdentityFile _identity;
    private readonly PeerIdentity _self;
    private readonly ILogger _logger;
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stopping = new();
    private Task _leaving = Task.CompletedTask;
    private Task _asking = Task.CompletedTask;
    private bool _isMember;
    private int _isLeaving;

    /// <param name="settings">Where the data lies, and how long a farewell takes.</param>
    /// <param name="identity">What the data directory says of the member.</param>
    /// <param name="self">The member.</param>
    /// <param name="isMember">
    /// Whether it was a member when its log begins. One that joins reads first of times when it was none yet.
    /// </param>
    /// <param name="logger">Where it is told.</param>
    public Departure(
        CoordinatorSettings settings, NodeIdentityFile identity, PeerIdentity self, bool isMember, ILogger logger) =>
        (_settings, _identity, _self, _isMember, _logger) = (settings, identity, self, isMember, logger);

    /// <summary>Ends with a <see cref="MemberRemovedException"/> when it is time to stop.</summary>
    public Task Completion => _left.Task;

    /// <summary>Looks at a membership that was agreed on. By the node's thread.</summary>
    public void Look(ClusterMembership membership)
    {
        bool isMember = membership.Members.Any(member => member.Id == _self.Node);
        if (_isMember && !isMember)
        {
            Leave();
        }

        _isMember = isMember;
    }

    /// <summary>
    /// Asks the others now and then, where no leader comes: nobody sends anything to a member that was removed while it
    /// was away.
    /// </summary>
    public void Ask(IConsensus consensus, RpcChannelOptions channelOptions) =>
        _asking = AskAsync(consensus, channelOptions);

    private async Task AskAsync(IConsensus consensus, RpcChannelOptions channelOptions)
    {
        using PeriodicTimer timer = new(_settings.Options.ElectionTimeout, _settings.Options.TimeProvider);
        while (await timer.WaitForNextTickAsync(_stopping.Token).ConfigureAwait(false))
        {
            ConsensusStatus status = consensus.Status;
            if (status.Leader == NodeId.None
                && status.AppliedMembership.Members.Any(member => member.Id == _self.Node)
                && await ClusterJoin.WasRemovedAsync(_settings, _self, status, channelOptions, _stopping.Token)
                    .ConfigureAwait(false))
            {
                Leave();
                return;
            }
        }
    }

    private void Leave()
    {
        if (Interlocked.Exchange(ref _isLeaving, 1) == 0)
        {
            _leaving = Task.Run(LeaveAsync);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _asking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _leaving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task LeaveAsync()
    {
        CoordinatorLog.Removed(_logger, _identity.Name, _self.Node, _identity.ClusterId);
        Exception? fault = null;
        try
        {
            (_identity with { HasLeft = true }).Write(_settings.DataDir);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It stops all the same; only its next start would not know why.
            fault = e;
        }

        await Task.Delay(_settings.FarewellTime, _settings.Options.TimeProvider, _stopping.Token).ConfigureAwait(false);
        _left.TrySetException(new MemberRemovedException(_identity, _settings.DataDir, fault));
    }
}

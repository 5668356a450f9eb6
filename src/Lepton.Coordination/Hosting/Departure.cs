using Lepton.Coordination.Peers;
using Lepton.Raft.Membership;
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
    private bool _isMember;
    private bool _isLeaving;

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
        if (_isMember && !isMember && !_isLeaving)
        {
            _isLeaving = true;
            _leaving = Task.Run(LeaveAsync);
        }

        _isMember = isMember;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
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

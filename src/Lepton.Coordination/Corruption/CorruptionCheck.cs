using Google.Protobuf;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.State;
using Lepton.Coordination.Store;
using Lepton.Raft;
using Lepton.Raft.Hosting;
using Microsoft.Extensions.Logging;

namespace Lepton.Coordination.Corruption;

/// <summary>
/// While this node leads, compares the members' hashes at one revision at regular intervals, and raises the alarm
/// CORRUPT for those whose hash is another one. Used by one caller at a time.
/// </summary>
/// <remarks>
/// A member that gives no hash is not taken for one that agrees (which etcd 3.5 once did): that is logged, and it is
/// asked again soon.
/// </remarks>
/// <param name="consensus">The node.</param>
/// <param name="state">Its state.</param>
/// <param name="hashes">Asks the other members.</param>
/// <param name="interval">How often.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Where differences, and members without an answer, are told.</param>
internal sealed class CorruptionCheck(
    IConsensus consensus, CoordinationState state, IMemberHashes hashes, TimeSpan interval, TimeProvider timeProvider,
    ILogger logger)
{
    /// <summary>After a comparison that left members out, how long until the next one at most.</summary>
    public static readonly TimeSpan RetryIntervalMax = TimeSpan.FromSeconds(10);

    private readonly long _begun = timeProvider.GetTimestamp();
    private readonly TimeSpan _interval = interval;
    private TimeSpan _due = interval;

    /// <summary>Compares, where that is due and this node leads.</summary>
    /// <returns>What it came to; null where nothing was compared.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<CorruptionReport?> TickAsync(CancellationToken cancellationToken)
    {
        if (!consensus.Status.IsLeader || Now() < _due)
        {
            return null;
        }

        _due = Now() + (_interval < RetryIntervalMax ? _interval : RetryIntervalMax);
        try
        {
            CorruptionReport report = await CompareAsync(cancellationToken).ConfigureAwait(false);
            foreach ((NodeId member, string reason) in report.Unknown)
            {
                CorruptionLog.NotCompared(logger, member, report.Revision, reason);
            }

            await AlarmAsync(report, cancellationToken).ConfigureAwait(false);
            if (report.IsComplete)
            {
                _due = Now() + _interval;
            }

            return report;
        }
        catch (ConsensusException e)
        {
            CorruptionLog.NotDone(logger, e.Message);
            return null;
        }
    }

    private async Task<CorruptionReport> CompareAsync(CancellationToken cancellationToken)
    {
        await consensus.ReadBarrierAsync(cancellationToken).ConfigureAwait(false);
        ConsensusStatus status = consensus.Status;
        KvStore store = state.Store;
        long revision = store.Revision;
        if (StateHash.Compute(store, revision, out uint hash, out long compacted) != ReadFailure.None)
        {
            throw new ConsensusException(ConsensusFailure.LeaderChanged,
                $"Revision {revision} was compacted before it could be hashed.");
        }

        MemberHash own = new(hash, revision, Math.Max(0, compacted));
        var answers = await Task.WhenAll(status.Membership.Members
            .Where(member => member.Id != status.Id)
            .Select(member => AskAsync(member, revision, cancellationToken))).ConfigureAwait(false);
        return CorruptionReport.Judge(status.Id, own, answers);
    }

    private async Task<(NodeId Member, MemberHash? Hash, string Reason)> AskAsync(
        Raft.Membership.Member member, long revision, CancellationToken cancellationToken)
    {
        try
        {
            return (member.Id, await hashes.AskAsync(member, revision, cancellationToken).ConfigureAwait(false), "");
        }
        catch (HashUnknownException e)
        {
            return (member.Id, null, e.Message);
        }
    }

    private async Task AlarmAsync(CorruptionReport report, CancellationToken cancellationToken)
    {
        foreach (NodeId member in report.Differing)
        {
            if (state.Manifest.Alarms.Contains((member.Value, AlarmType.Corrupt)))
            {
                continue;
            }

            CorruptionLog.Differs(logger, member, report.Revision, string.Join(", ", report.Agreeing));
            AlarmRequest alarm = new()
            {
                Action = AlarmRequest.Types.AlarmAction.Activate,
                Alarm = AlarmType.Corrupt,
                MemberID = member.Value,
            };
            await consensus.ProposeAsync(new Command { Alarm = alarm }.ToByteArray(), cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private TimeSpan Now() => timeProvider.GetElapsedTime(_begun);
}

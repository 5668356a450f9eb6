using Google.Protobuf;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.State;
using Lepton.Raft.Hosting;
using Microsoft.Extensions.Logging;

namespace Lepton.Coordination.Compaction;

/// <summary>Compacts by itself while this node leads, as a policy says. Used by one caller at a time.</summary>
internal sealed class AutoCompactor(
    ICompactionPolicy policy, IConsensus consensus, CoordinationState state, TimeProvider timeProvider, ILogger logger)
{
    private readonly long _begun = timeProvider.GetTimestamp();

    /// <summary>Looks whether something is due, and does it where this node leads.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled; the compaction may still take
    /// effect.</exception>
    public async Task TickAsync(CancellationToken cancellationToken)
    {
        long? due = policy.Look(Now(), state.Store.Revision);
        if (due is not { } revision || !consensus.Status.IsLeader)
        {
            return;
        }

        bool isDone = false;
        try
        {
            Command command = new() { Compaction = new CompactionRequest { Revision = revision } };
            CommandResult result = (CommandResult)(await consensus
                .ProposeAsync(command.ToByteArray(), cancellationToken).ConfigureAwait(false))!;

            // Somebody else may have compacted further: what was wanted is so.
            isDone = result.Failure is CommandFailure.None or CommandFailure.Compacted;
            if (isDone)
            {
                CompactionLog.Compacted(logger, revision);
            }
            else
            {
                CompactionLog.NotCompacted(logger, revision, result.Failure.ToString());
            }
        }
        catch (ConsensusException e)
        {
            CompactionLog.NotCompacted(logger, revision, e.Message);
        }

        policy.Tried(Now(), revision, isDone);
    }

    private TimeSpan Now() => timeProvider.GetElapsedTime(_begun);
}

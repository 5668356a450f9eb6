using Lepton.Raft.Log;
using Lepton.Raft.Membership;

namespace Lepton.Raft.Hosting;

/// <summary>Writes a snapshot of the state that was fixed when the job was made. Runs beside the node, once.</summary>
public sealed class SnapshotJob
{
    private readonly SnapshotStore _store;
    private readonly IStateSnapshot _state;

    internal SnapshotJob(
        SnapshotStore store, IStateSnapshot state, LogIndex index, Term term, ClusterMembership membership)
    {
        (_store, _state) = (store, state);
        (Index, Term, Membership) = (index, term, membership);
    }

    /// <summary>The last entry that the state holds.</summary>
    public LogIndex Index { get; }

    internal Term Term { get; }

    internal ClusterMembership Membership { get; }

    /// <summary>What was written; null before the job has run, or where it failed.</summary>
    internal SnapshotMeta? Written { get; private set; }

    /// <summary>Why nothing was written; null where something was.</summary>
    public IOException? Fault { get; private set; }

    /// <summary>Gives up a job that will not run.</summary>
    public void Abandon() => _state.Dispose();

    /// <summary>Writes the snapshot and makes it durable.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled; nothing is left of it.</exception>
    public void Run(CancellationToken cancellationToken)
    {
        try
        {
            using SnapshotOutputStream writer = _store.Create(Index, Term, Membership);
            _state.WriteTo(writer, cancellationToken);
            Written = writer.Complete();
        }
        catch (IOException fault)
        {
            Fault = fault;
        }
        finally
        {
            _state.Dispose();
        }
    }
}

using Lepton.Raft.Disk;
using Lepton.Raft.Log;
using Lepton.Raft.Membership;

namespace Lepton.Raft.Hosting;

/// <summary>Writes a snapshot of the state that was fixed when the job was made. Runs beside the node, once.</summary>
public sealed class SnapshotJob
{
    private readonly SnapshotStore _store;
    private readonly IStateSnapshot _state;
    private readonly LogIndex _index;
    private readonly Term _term;
    private readonly ClusterMembership _membership;

    internal SnapshotJob(
        SnapshotStore store, IStateSnapshot state, LogIndex index, Term term, ClusterMembership membership)
    {
        (_store, _state) = (store, state);
        (_index, _term, _membership) = (index, term, membership);
    }

    /// <summary>What was written; null before the job has run, or where it failed.</summary>
    internal SnapshotMeta? Written { get; private set; }

    /// <summary>Why nothing was written, where there was no room; null otherwise.</summary>
    internal DiskFullException? Fault { get; private set; }

    /// <summary>Gives up a job that will not run.</summary>
    public void Abandon() => _state.Dispose();

    /// <summary>Writes the snapshot and makes it durable.</summary>
    /// <exception cref="DiskFailedException">The disk can't be trusted any more: the node must stop.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; nothing is left of it.</exception>
    public void Run(CancellationToken cancellationToken)
    {
        try
        {
            using SnapshotOutputStream writer = _store.Create(_index, _term, _membership);
            _state.WriteTo(writer, cancellationToken);
            Written = writer.Complete();
        }
        catch (DiskFullException fault)
        {
            Fault = fault;
        }
        finally
        {
            _state.Dispose();
        }
    }
}

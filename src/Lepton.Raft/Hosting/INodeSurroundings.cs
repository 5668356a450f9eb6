using Lepton.Raft.Messages;

namespace Lepton.Raft.Hosting;

/// <summary>What a node needs done outside of its own thread. None of it may wait.</summary>
public interface INodeSurroundings
{
    /// <summary>Sends messages to their receivers, in order as far as the way allows. May lose them.</summary>
    void Send(IReadOnlyList<RaftMessage> messages);

    /// <summary>
    /// Runs a job beside the node, such as on another thread, and then has the node's own thread call
    /// <see cref="RaftNode.SnapshotJobDone"/>. Where the job throws, the node must stop.
    /// </summary>
    void RunSnapshotJob(SnapshotJob job);
}

using Lepton.Raft.Messages;

namespace Lepton.Raft.Hosting;

/// <summary>Takes messages to other nodes.</summary>
public interface IPeerSender
{
    /// <summary>
    /// Sends a message to its receiver, without waiting. Messages to one receiver keep their order as long as the way
    /// holds; any may be lost. Called by one thread.
    /// </summary>
    void Send(RaftMessage message);
}

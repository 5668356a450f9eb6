using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Lepton.Raft;
using Lepton.Raft.Messages;

namespace Lepton.Coordination.Peers;

/// <summary>
/// Messages that wait for the way to a peer, bounded in number and in bytes. What finds it full is lost, as on any
/// network, and the consensus sends it again. One thread adds, one reads.
/// </summary>
/// <param name="messagesMax">How many may wait.</param>
/// <param name="bytesMax">
/// How many bytes of entries, proposals and snapshots they may hold, but for a single one.
/// </param>
internal sealed class PeerQueue(int messagesMax, long bytesMax)
{
    private readonly Channel<RaftMessage> _messages = Channel.CreateBounded<RaftMessage>(
        new BoundedChannelOptions(messagesMax) { SingleReader = true });

    private long _bytes;

    public void Add(RaftMessage message)
    {
        long bytes = BytesOf(message);
        long waiting = Interlocked.Read(ref _bytes);
        if (waiting > 0 && waiting + bytes > bytesMax)
        {
            return;
        }

        // Counted first: it may be read, and be taken off again, before this thread goes on.
        Interlocked.Add(ref _bytes, bytes);
        if (!_messages.Writer.TryWrite(message))
        {
            Interlocked.Add(ref _bytes, -bytes);
        }
    }

    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken) =>
        _messages.Reader.WaitToReadAsync(cancellationToken);

    public bool TryRead([NotNullWhen(true)] out RaftMessage? message)
    {
        if (!_messages.Reader.TryRead(out message))
        {
            return false;
        }

        Interlocked.Add(ref _bytes, -BytesOf(message));
        return true;
    }

    private static long BytesOf(RaftMessage message)
    {
        long bytes = message is RaftMessage.SnapshotChunk chunk ? chunk.Data.Length : 0;
        IReadOnlyList<LogEntry> entries = message is RaftMessage.Append append ? append.Entries : [];
        for (int i = 0; i < entries.Count; i++)
        {
            bytes += entries[i].Data.Length;
        }

        IReadOnlyList<ForwardedProposal> proposals = message is RaftMessage.Forward forward ? forward.Proposals : [];
        for (int i = 0; i < proposals.Count; i++)
        {
            bytes += proposals[i].Data.Length;
        }

        return bytes;
    }
}

namespace Lepton.Raft.Core;

/// <summary>The messages with entries that a follower has yet to confirm: bounded in number and in bytes.</summary>
internal sealed class InflightWindow(int messagesMax, long bytesMax)
{
    private readonly Queue<(LogIndex Last, long Bytes)> _messages = new();
    private long _bytes;

    public bool IsFull => _messages.Count >= messagesMax || _bytes >= bytesMax;

    public void Add(LogIndex last, long bytes)
    {
        _messages.Enqueue((last, bytes));
        _bytes += bytes;
    }

    /// <summary>Everything up to an index was confirmed.</summary>
    public void FreeTo(LogIndex index)
    {
        while (_messages.TryPeek(out (LogIndex Last, long Bytes) first) && first.Last <= index)
        {
            _messages.Dequeue();
            _bytes -= first.Bytes;
        }
    }

    public void Clear()
    {
        _messages.Clear();
        _bytes = 0;
    }
}

namespace Lepton.Raft.Hosting;

/// <summary>
/// What waits for the node's thread, which takes all of it at once. Any thread may put something in; one takes. Bounded
/// by those who put in: each request has somebody waiting for it, and each peer sends no more entries, pieces of
/// snapshots and proposals than it may have under way unanswered.
/// </summary>
internal sealed class NodeInbox
{
    // A monitor, which sleeps at once: whoever waits in a semaphore turns round and round first, and takes a core from
    // those who would wake it.
    private readonly object _gate = new();
    private List<NodeInput> _waiting = [];
    private List<NodeInput> _spare = [];
    private bool _isWoken;
    private string? _closedBecause;

    /// <summary>Puts something in; refuses it where the inbox is closed.</summary>
    public void Add(NodeInput input)
    {
        string? closed;
        lock (_gate)
        {
            closed = _closedBecause;
            if (closed is null)
            {
                _waiting.Add(input);
                Monitor.Pulse(_gate);
            }
        }

        if (closed is not null)
        {
            input.Refuse(closed);
        }
    }

    /// <summary>Waits for something, then takes all there is, in order; the list is good until the next call.</summary>
    public List<NodeInput> TakeAll()
    {
        lock (_gate)
        {
            while (_waiting.Count == 0 && !_isWoken)
            {
                Monitor.Wait(_gate);
            }

            _isWoken = false;
            (List<NodeInput> taken, _waiting) = (_waiting, _spare);
            _waiting.Clear();
            _spare = taken;
            return taken;
        }
    }

    /// <summary>Wakes the one who takes, though there is nothing.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            _isWoken = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Refuses what is in, and whatever will be put in.</summary>
    public void Close(string reason)
    {
        List<NodeInput> left;
        lock (_gate)
        {
            _closedBecause ??= reason;
            (left, _waiting) = (_waiting, []);
        }

        left.ForEach(input => input.Refuse(reason));
    }
}

namespace Lepton.Raft.Hosting;

/// <summary>The requests of one kind that are under way, by their numbers, in the order in which they began.</summary>
internal sealed class RequestTable<T>
{
    private readonly Dictionary<ulong, NodeRequest<T>> _requests = [];
    private readonly Queue<ulong> _byDeadline = new();
    private ulong _lastId;

    public int Count => _requests.Count;

    /// <summary>The bytes of all of them.</summary>
    public long Bytes { get; private set; }

    /// <summary>Numbers a request that is about to begin. All of one table wait for the same time.</summary>
    public ulong Add(NodeRequest<T> request)
    {
        ulong id = ++_lastId;
        _requests.Add(id, request);
        Bytes += request.Bytes;
        _byDeadline.Enqueue(id);
        return id;
    }

    public NodeRequest<T>? Take(ulong id)
    {
        if (!_requests.Remove(id, out NodeRequest<T>? request))
        {
            return null;
        }

        Bytes -= request.Bytes;
        return request;
    }

    /// <summary>Ends those whose time is over.</summary>
    public void Expire(long nowTick, string message)
    {
        while (_byDeadline.TryPeek(out ulong id))
        {
            if (_requests.TryGetValue(id, out NodeRequest<T>? request))
            {
                if (request.DeadlineTick > nowTick)
                {
                    return;
                }

                Take(id)!.Fail(ConsensusFailure.Timeout, message);
            }

            _byDeadline.Dequeue();
        }
    }

    /// <summary>Ends those that began under another leadership, or all.</summary>
    public void FailWhere(Func<NodeRequest<T>, bool> fails, ConsensusFailure failure, string message)
    {
        // In the order of their numbers: what users see must not depend on a dictionary's.
        foreach (ulong id in _requests.Keys.Order().ToArray())
        {
            if (fails(_requests[id]))
            {
                Take(id)!.Fail(failure, message);
            }
        }
    }
}

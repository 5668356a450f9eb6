using Lepton.Raft.Core;

namespace Lepton.Raft.Hosting;

/// <summary>
/// Reads on their way: those of one turn share one question to the core; a question's answer is an index; and the reads
/// go on once that has been applied.
/// </summary>
internal sealed class ReadRequests
{
    private readonly SortedDictionary<ulong, List<NodeRequest<LogIndex>>> _asked = [];
    private readonly PriorityQueue<List<NodeRequest<LogIndex>>, long> _confirmed = new();
    private List<NodeRequest<LogIndex>> _gathered = [];
    private ulong _lastContext;

    public void Add(NodeRequest<LogIndex> request) => _gathered.Add(request);

    /// <summary>Asks the core for those that were gathered.</summary>
    public void Ask(RaftCore core)
    {
        if (_gathered.Count == 0)
        {
            return;
        }

        (List<NodeRequest<LogIndex>> requests, _gathered) = (_gathered, []);
        ulong context = ++_lastContext;
        _asked.Add(context, requests);
        if (core.ReadIndex(context) is { } failure)
        {
            Fail(context, failure);
        }
    }

    /// <summary>Takes the core's answers, and lets those go on whose index has been applied.</summary>
    public void Confirm(RaftEffects effects, LogIndex applied)
    {
        foreach (ConfirmedRead read in effects.ConfirmedReads)
        {
            if (_asked.Remove(read.Context, out List<NodeRequest<LogIndex>>? requests))
            {
                _confirmed.Enqueue(requests, read.Index.Value);
            }
        }

        foreach (FailedRead read in effects.FailedReads)
        {
            Fail(read.Context, read.Failure);
        }

        while (_confirmed.TryPeek(out List<NodeRequest<LogIndex>>? requests, out long index) && index <= applied.Value)
        {
            _confirmed.Dequeue();
            requests.ForEach(request => request.Succeed(applied));
        }
    }

    public void Expire(long nowTick)
    {
        foreach ((ulong context, List<NodeRequest<LogIndex>> requests) in _asked.ToArray())
        {
            if (requests[0].DeadlineTick > nowTick)
            {
                break;
            }

            Fail(context, ConsensusFailure.Timeout);
        }
    }

    public void Stop(string reason)
    {
        foreach (NodeRequest<LogIndex> request in
            _asked.Values.Concat(_confirmed.UnorderedItems.Select(item => item.Element)).Append(_gathered)
                .SelectMany(static requests => requests).ToArray())
        {
            request.Fail(ConsensusFailure.Stopped, reason);
        }

        _asked.Clear();
        _confirmed.Clear();
        _gathered = [];
    }

    private void Fail(ulong context, ConsensusFailure failure)
    {
        if (_asked.Remove(context, out List<NodeRequest<LogIndex>>? requests))
        {
            requests.ForEach(request => request.Fail(failure, FailureText.Of(failure)));
        }
    }
}

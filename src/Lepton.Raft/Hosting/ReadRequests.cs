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

    /// <summary>
    /// Takes the core's answers, and lets those go on whose index has been applied. Those end whose index can't be,
    /// since there is no room on the disk for the entries: another node can answer them.
    /// </summary>
    /// <param name="effects">The turn's effects.</param>
    /// <param name="applied">What has been applied.</param>
    /// <param name="reachable">What can be applied while the disk is full; null where it is not.</param>
    public void Confirm(RaftEffects effects, LogIndex applied, LogIndex? reachable)
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

        if (reachable is { } last)
        {
            EndConfirmed((_, index) => index > last.Value, ConsensusFailure.MemberDiskFull);
        }
    }

    public void Expire(long nowTick)
    {
        EndConfirmed((request, _) => request.DeadlineTick <= nowTick, ConsensusFailure.Timeout);
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

    private void EndConfirmed(Func<NodeRequest<LogIndex>, long, bool> ends, ConsensusFailure failure)
    {
        // All of one turn's began together: the first stands for the others.
        if (!_confirmed.UnorderedItems.Any(item => ends(item.Element[0], item.Priority)))
        {
            return;
        }

        List<(List<NodeRequest<LogIndex>> Requests, long Index)> left = [];
        while (_confirmed.TryDequeue(out List<NodeRequest<LogIndex>>? requests, out long index))
        {
            if (ends(requests[0], index))
            {
                requests.ForEach(request => request.Fail(failure, FailureText.Of(failure)));
            }
            else
            {
                left.Add((requests, index));
            }
        }

        _confirmed.EnqueueRange(left);
    }

    private void Fail(ulong context, ConsensusFailure failure)
    {
        if (_asked.Remove(context, out List<NodeRequest<LogIndex>>? requests))
        {
            requests.ForEach(request => request.Fail(failure, FailureText.Of(failure)));
        }
    }
}

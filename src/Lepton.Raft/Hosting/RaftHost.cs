using Lepton.Raft.Membership;
using Lepton.Raft.Messages;

namespace Lepton.Raft.Hosting;

/// <summary>
/// Runs a node on a thread of its own, with a real clock, and lets any thread ask things of it. Whatever came while the
/// thread was busy, mostly with a sync of the log, is dealt with in one turn (group commit).
/// </summary>
public sealed class RaftHost : IConsensus, INodeSurroundings, IAsyncDisposable
{
    private readonly IPeerSender _peers;
    private readonly NodeInbox _inbox = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly RaftNode _node;
    private readonly ITimer _timer;
    private readonly Thread _thread;
    private volatile ConsensusStatus _status;
    private int _ticksWaiting;
    private Task _job = Task.CompletedTask;
    private string _reason = "The node is stopping. Ask another one.";

    /// <summary>Starts a node.</summary>
    /// <param name="start">Makes the node, given what surrounds it.</param>
    /// <param name="peers">Takes messages to the other nodes.</param>
    /// <param name="tick">The length of a tick.</param>
    /// <param name="timeProvider">The clock that ticks follow.</param>
    public RaftHost(
        Func<INodeSurroundings, RaftNode> start, IPeerSender peers, TimeSpan tick, TimeProvider timeProvider)
    {
        ArgumentNullException.ThrowIfNull(start);
        _peers = peers;
        _node = start(this);
        _status = _node.Status();
        _thread = new Thread(Run) { Name = "raft", IsBackground = true };
        _timer = timeProvider.CreateTimer(static host => ((RaftHost)host!).PostTick(), this, tick, tick);
        _thread.Start();
    }

    /// <inheritdoc/>
    public ConsensusStatus Status => _status;

    /// <summary>
    /// Ends when the node has stopped: without an error where it was asked to, with one where it could not go on, such
    /// as after a fault of its disk.
    /// </summary>
    public Task Completion => _ended.Task;

    /// <summary>
    /// A status that differs from the one before in more than what is committed and applied. Raised on the node's
    /// thread.
    /// </summary>
    public event Action<ConsensusStatus>? StatusChanged;

    /// <inheritdoc/>
    public Task<object?> ProposeAsync(ReadOnlyMemory<byte> command, CancellationToken cancellationToken)
    {
        AwaitedRequest<object?> request = new();
        return Ask(new NodeInput.Proposal(command, request), request, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<LogIndex> ReadBarrierAsync(CancellationToken cancellationToken)
    {
        AwaitedRequest<LogIndex> request = new();
        return Ask(new NodeInput.Read(request), request, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<ClusterMembership> ChangeMembershipAsync(MembershipChange change, CancellationToken cancellationToken)
    {
        AwaitedRequest<ClusterMembership> request = new();
        return Ask(new NodeInput.Change(change, request), request, cancellationToken);
    }

    /// <inheritdoc/>
    public Task TransferLeadershipAsync(NodeId successor, CancellationToken cancellationToken)
    {
        AwaitedRequest<NodeId> request = new();
        return Ask(new NodeInput.Transfer(successor, request), request, cancellationToken);
    }

    /// <summary>
    /// Runs something on the node's thread between two turns: for what must see the state at one moment, such as
    /// <see cref="IStateMachine.CaptureSnapshot"/>, or free what it hides. It holds up the node, so it must be quick.
    /// </summary>
    /// <param name="read">Runs once, on the node's thread; an exception in it stops the node.</param>
    /// <exception cref="ConsensusException">The node has stopped; nothing was read.</exception>
    public Task<T> RunBetweenTurnsAsync<T>(Func<T> read)
    {
        // Not to be cancelled: whoever asked would not see what was taken, and could not give it back.
        AwaitedRequest<T> request = new();
        return Ask(new NodeInput.BetweenTurns<T>(read, request), request, CancellationToken.None);
    }

    /// <summary>A message of another node has come.</summary>
    public void Receive(RaftMessage message) => _inbox.Add(new NodeInput.Received(message));

    /// <summary>The way to another node broke.</summary>
    public void PeerUnreachable(NodeId peer) => _inbox.Add(new NodeInput.Unreachable(peer));

    /// <inheritdoc/>
    void INodeSurroundings.Send(IReadOnlyList<RaftMessage> messages)
    {
        foreach (RaftMessage message in messages)
        {
            _peers.Send(message);
        }
    }

    /// <inheritdoc/>
    void INodeSurroundings.RunSnapshotJob(SnapshotJob job) => _job = Task.Factory.StartNew(
        () =>
        {
            try
            {
                job.Run(_stopping.Token);
                _inbox.Add(new NodeInput.JobDone(job));
            }
            catch (Exception fault) when (!_stopping.IsCancellationRequested)
            {
                _inbox.Add(new NodeInput.JobFailed(fault));
            }
        },
        CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Stops the node after the turn that it is in. What is under way fails as stopped.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        _inbox.Wake();
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _job.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _timer.DisposeAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }

    private Task<T> Ask<T>(NodeInput input, AwaitedRequest<T> request, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }

        _inbox.Add(input);
        return cancellationToken.CanBeCanceled ? request.Task.WaitAsync(cancellationToken) : request.Task;
    }

    private void PostTick()
    {
        // A thread that was held up needs one tick, not all it has missed: a burst of them would look to the core as if
        // the leader had been silent all the while.
        if (Interlocked.Exchange(ref _ticksWaiting, 1) == 0)
        {
            _inbox.Add(new NodeInput.Tick());
        }
    }

    private void Run()
    {
        try
        {
            while (!_stopping.IsCancellationRequested)
            {
                foreach (NodeInput input in _inbox.TakeAll())
                {
                    if (input is NodeInput.Tick)
                    {
                        Volatile.Write(ref _ticksWaiting, 0);
                    }

                    input.Do(_node);
                }

                while (_node.Turn())
                {
                }

                Publish(_node.Status());
            }

            End();
            _ended.SetResult();
        }
        catch (Exception fault)
        {
            // Whatever it was, this node's state can't be trusted any more; others take over from what is on disk.
            _reason = $"The node has stopped: {fault.Message}";
            End();
            _ended.SetException(fault);
        }
    }

    private void Publish(ConsensusStatus now)
    {
        ConsensusStatus before = _status;
        if (now != before)
        {
            _status = now;
            if (now with { Commit = before.Commit, Applied = before.Applied } != before)
            {
                StatusChanged?.Invoke(now);
            }
        }
    }

    private void End()
    {
        _inbox.Close(_reason);
        _node.Stop(_reason);
        _node.Dispose();
        Publish(_node.Status() with { Leader = NodeId.None });
    }
}

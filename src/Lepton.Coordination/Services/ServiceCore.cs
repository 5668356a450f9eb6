using Google.Protobuf;
using Lepton.Coordination.Protocol;
using Lepton.Raft;
using Lepton.Raft.Hosting;
using Lepton.Rpc;

namespace Lepton.Coordination.Services;

/// <summary>What all services share: the way to the consensus and back, deadlines, headers. Thread safe.</summary>
internal sealed class ServiceCore
{
    private static readonly TimeSpan PruningDelay = TimeSpan.FromMilliseconds(10);
    private readonly RequestDeadline _deadline;

    public ServiceCore(
        IConsensus consensus, ServiceState state, ulong clusterId, CoordinationServiceOptions options,
        ServiceMetrics metrics)
    {
        Consensus = consensus;
        State = state;
        ClusterId = clusterId;
        Options = options;
        Metrics = metrics;
        _deadline = new RequestDeadline(options.RequestTimeout, options.TimeProvider);
    }

    /// <summary>The node.</summary>
    public IConsensus Consensus { get; }

    /// <summary>Its state.</summary>
    public ServiceState State { get; }

    /// <summary>The cluster's id, for the headers.</summary>
    public ulong ClusterId { get; }

    /// <summary>Limits and times.</summary>
    public CoordinationServiceOptions Options { get; }

    /// <summary>The counts.</summary>
    public ServiceMetrics Metrics { get; }

    /// <summary>Has a command agreed on and applied, and returns the state's answer to it.</summary>
    /// <exception cref="RpcException">It was refused, or has no result.</exception>
    public async Task<TResponse> ProposeAsync<TResponse>(Command command, CancellationToken callToken)
        where TResponse : class, IMessage<TResponse>
    {
        int size = command.CalculateSize();
        if (size > Options.RequestBytesMax)
        {
            throw EtcdStatus.RequestTooLarge.Raise();
        }

        byte[] bytes = GC.AllocateUninitializedArray<byte>(size);
        command.WriteTo(bytes.AsSpan());
        using RequestDeadline.Lease deadline = _deadline.Start(callToken);
        try
        {
            object? result = await Consensus.ProposeAsync(bytes, deadline.Token).ConfigureAwait(false);
            return ServiceState.Answer<TResponse>(result);
        }
        catch (Exception e) when (Translate(e, callToken) is { } failure)
        {
            throw failure;
        }
    }

    /// <summary>Waits until this node's state holds all that was committed before the call.</summary>
    /// <exception cref="RpcException">It could not be confirmed.</exception>
    public Task BarrierAsync(CancellationToken callToken) => RunAsync(
        static (consensus, token) => consensus.ReadBarrierAsync(token), callToken);

    /// <summary>Runs something that needs the consensus, within the time of a request.</summary>
    /// <exception cref="RpcException">It had no result.</exception>
    public async Task<T> RunAsync<T>(
        Func<IConsensus, CancellationToken, Task<T>> run, CancellationToken callToken)
    {
        using RequestDeadline.Lease deadline = _deadline.Start(callToken);
        try
        {
            return await run(Consensus, deadline.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (Translate(e, callToken) is { } failure)
        {
            throw failure;
        }
    }

    /// <summary>
    /// Refuses what would make the state larger than the quota, and raises the alarm that has every member refuse it
    /// until an operator has made room.
    /// </summary>
    public ValueTask CheckQuotaAsync(int bytes, CancellationToken callToken) =>
        State.SizeBytes + bytes <= Options.QuotaBytes ? ValueTask.CompletedTask : RaiseNoSpaceAsync(callToken);

    /// <summary>
    /// Waits until the memory of compacted versions is free, but no longer than a request may take: a reader of old
    /// revisions may hold it.
    /// </summary>
    public async Task WaitForPruningAsync(CancellationToken callToken)
    {
        using RequestDeadline.Lease deadline = _deadline.Start(callToken);
        while (State.HasGarbage && !deadline.Token.IsCancellationRequested)
        {
            await Task.Delay(PruningDelay, Options.TimeProvider, deadline.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // Where time was over first, the history is closed all the same, which is all that the caller can see.
        callToken.ThrowIfCancellationRequested();
    }

    /// <summary>A header as of now.</summary>
    public ResponseHeader Header() => Header(State.Revision);

    /// <summary>A header for a revision.</summary>
    public ResponseHeader Header(long revision)
    {
        ConsensusStatus status = Consensus.Status;
        return new ResponseHeader
        {
            ClusterId = ClusterId,
            MemberId = status.Id.Value,
            Revision = revision,
            RaftTerm = (ulong)status.Term.Value,
        };
    }

    /// <summary>Adds what the state does not know to the header of its answer.</summary>
    public ResponseHeader Fill(ResponseHeader? header)
    {
        if (header is null)
        {
            return Header();
        }

        ConsensusStatus status = Consensus.Status;
        header.ClusterId = ClusterId;
        header.MemberId = status.Id.Value;
        header.RaftTerm = (ulong)status.Term.Value;
        return header;
    }

    /// <summary>Whether this member only learns, and so answers little.</summary>
    public bool IsLearner()
    {
        ConsensusStatus status = Consensus.Status;
        return status.Membership.Learners.Count > 0 && status.Membership.Learners.Contains(status.Id);
    }

    /// <summary>Whether a leader is known.</summary>
    public bool HasLeader => Consensus.Status.Leader != NodeId.None;

    private async ValueTask RaiseNoSpaceAsync(CancellationToken callToken)
    {
        AlarmRequest alarm = new()
        {
            Action = AlarmRequest.Types.AlarmAction.Activate,
            Alarm = AlarmType.Nospace,
            MemberID = Consensus.Status.Id.Value,
        };
        if (!State.Alarms().Any(on => on.MemberID == alarm.MemberID && on.Alarm == AlarmType.Nospace))
        {
            await ProposeAsync<AlarmResponse>(new Command { Alarm = alarm }, callToken).ConfigureAwait(false);
        }

        throw EtcdStatus.NoSpace.Raise();
    }

    private RpcException? Translate(Exception e, CancellationToken callToken)
    {
        switch (e)
        {
            case ConsensusException failure:
                Metrics.CountFailure();
                return ConsensusFailures.ToRpcException(failure);
            case OperationCanceledException when !callToken.IsCancellationRequested:
                Metrics.CountFailure();
                return EtcdStatus.Timeout.Raise();
            default:
                return null;
        }
    }
}

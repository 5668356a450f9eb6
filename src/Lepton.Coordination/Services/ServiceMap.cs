using Google.Protobuf;
using Lepton.Rpc;
using Lepton.Rpc.Server;

namespace Lepton.Coordination.Services;

/// <summary>
/// Maps handlers onto a server and for callers in this process, each behind what etcd asks of every call: a learner
/// answers little, and a caller may say that it wants no answer from a member without a leader.
/// </summary>
internal sealed class ServiceMap(RpcServices services, LocalServices local, ServiceCore core, LeaderWatch leaders)
{
    private const string LeaderKey = "hasleader";
    private const string LeaderRequired = "true";

    /// <summary>A method of one request and one response.</summary>
    /// <param name="service">The service with its package.</param>
    /// <param name="name">The method.</param>
    /// <param name="requests">Parses requests.</param>
    /// <param name="responses">Parses responses, for callers in this process.</param>
    /// <param name="handler">Carries it out.</param>
    /// <param name="learnerAnswers">For which requests a learner may answer; none by default.</param>
    public void Unary<TRequest, TResponse>(
        string service, string name, MessageParser<TRequest> requests, MessageParser<TResponse> responses,
        Func<TRequest, CancellationToken, Task<TResponse>> handler, Func<TRequest, bool>? learnerAnswers = null)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        RpcMethod<TRequest, TResponse> method = new(service, name, requests, responses);
        services.MapUnary(method, (request, call) => ServeAsync(request, NeedsLeader(call), call.CancellationToken));
        local.MapUnary(method, ServeAsync);

        Task<TResponse> ServeAsync(TRequest request, bool needsLeader, CancellationToken cancellationToken)
        {
            Admit(needsLeader, core.IsLearner() && learnerAnswers?.Invoke(request) != true);
            return handler(request, cancellationToken);
        }
    }

    /// <summary>A method of one request and many responses.</summary>
    public void ServerStreaming<TRequest, TResponse>(
        string service, string name, MessageParser<TRequest> requests, MessageParser<TResponse> responses,
        Func<TRequest, IRpcResponseStream<TResponse>, CancellationToken, Task> handler, bool learnerAnswers = false)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        RpcMethod<TRequest, TResponse> method = new(service, name, requests, responses);
        services.MapServerStreaming(method, (request, stream, call) => StreamAsync(
            call, learnerAnswers, token => handler(request, stream, token)));
        local.MapServerStreaming(method, (request, stream, needsLeader, cancellationToken) => StreamAsync(
            needsLeader, learnerAnswers, token => handler(request, stream, token), cancellationToken));
    }

    /// <summary>A method of many requests and many responses.</summary>
    public void Duplex<TRequest, TResponse>(
        string service, string name, MessageParser<TRequest> requests, MessageParser<TResponse> responses,
        Func<IRpcServerStream<TRequest, TResponse>, CancellationToken, Task> handler)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        RpcMethod<TRequest, TResponse> method = new(service, name, requests, responses);
        services.MapDuplex(method, (stream, call) => StreamAsync(
            call, learnerAnswers: false, token => handler(stream, token)));
        local.MapDuplex(method, (stream, needsLeader, cancellationToken) => StreamAsync(
            needsLeader, learnerAnswers: false, token => handler(stream, token), cancellationToken));
    }

    private static bool NeedsLeader(RpcServerCall call) => call.FindRequestText(LeaderKey) == LeaderRequired;

    private async Task StreamAsync(RpcServerCall call, bool learnerAnswers, Func<CancellationToken, Task> handler)
    {
        bool needsLeader = NeedsLeader(call);
        Admit(needsLeader, !learnerAnswers && core.IsLearner());
        await call.SendHeadersAsync().ConfigureAwait(false);
        await FollowAsync(needsLeader, handler, call.CancellationToken).ConfigureAwait(false);
    }

    private Task StreamAsync(
        bool needsLeader, bool learnerAnswers, Func<CancellationToken, Task> handler,
        CancellationToken cancellationToken)
    {
        Admit(needsLeader, !learnerAnswers && core.IsLearner());
        return FollowAsync(needsLeader, handler, cancellationToken);
    }

    /// <summary>Runs a stream's handler, and ends it where it needs a leader and there is none any more.</summary>
    private async Task FollowAsync(
        bool needsLeader, Func<CancellationToken, Task> handler, CancellationToken cancellationToken)
    {
        if (!needsLeader)
        {
            await handler(cancellationToken).ConfigureAwait(false);
            return;
        }

        using LeaderWatch.Stream watched = leaders.Register(cancellationToken);
        try
        {
            await handler(watched.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (watched.IsLost)
        {
            throw EtcdStatus.NoLeader.Raise();
        }
    }

    private void Admit(bool needsLeader, bool refusedAsLearner)
    {
        if (refusedAsLearner)
        {
            throw EtcdStatus.NotSupportedForLearner.Raise();
        }

        if (needsLeader && !core.HasLeader)
        {
            throw EtcdStatus.NoLeader.Raise();
        }
    }
}

using Google.Protobuf;
using Lepton.Rpc;
using Lepton.Rpc.Server;

namespace Lepton.Coordination.Services;

/// <summary>
/// Maps handlers onto a server, each behind what etcd asks of every call: a learner answers little, and a caller may
/// say that it wants no answer from a member without a leader.
/// </summary>
internal sealed class ServiceMap(RpcServices services, ServiceCore core, LeaderWatch leaders)
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
        where TResponse : class, IMessage<TResponse> =>
        services.MapUnary(new RpcMethod<TRequest, TResponse>(service, name, requests, responses), (request, call) =>
        {
            Admit(call, core.IsLearner() && learnerAnswers?.Invoke(request) != true);
            return handler(request, call.CancellationToken);
        });

    /// <summary>A method of one request and many responses.</summary>
    public void ServerStreaming<TRequest, TResponse>(
        string service, string name, MessageParser<TRequest> requests, MessageParser<TResponse> responses,
        Func<TRequest, RpcResponseStream<TResponse>, CancellationToken, Task> handler, bool learnerAnswers = false)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        services.MapServerStreaming(
            new RpcMethod<TRequest, TResponse>(service, name, requests, responses),
            (request, stream, call) => StreamAsync(call, learnerAnswers, token => handler(request, stream, token)));

    /// <summary>A method of many requests and many responses.</summary>
    public void Duplex<TRequest, TResponse>(
        string service, string name, MessageParser<TRequest> requests, MessageParser<TResponse> responses,
        Func<RpcServerStream<TRequest, TResponse>, CancellationToken, Task> handler)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        services.MapDuplex(
            new RpcMethod<TRequest, TResponse>(service, name, requests, responses),
            (stream, call) => StreamAsync(call, learnerAnswers: false, token => handler(stream, token)));

    private async Task StreamAsync(
        RpcServerCall call, bool learnerAnswers, Func<CancellationToken, Task> handler)
    {
        bool requiresLeader = Admit(call, !learnerAnswers && core.IsLearner());
        await call.SendHeadersAsync().ConfigureAwait(false);
        if (!requiresLeader)
        {
            await handler(call.CancellationToken).ConfigureAwait(false);
            return;
        }

        using LeaderWatch.Stream watched = leaders.Register(call.CancellationToken);
        try
        {
            await handler(watched.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (watched.IsLost)
        {
            throw EtcdStatus.NoLeader.Raise();
        }
    }

    private bool Admit(RpcServerCall call, bool refusedAsLearner)
    {
        if (refusedAsLearner)
        {
            throw EtcdStatus.NotSupportedForLearner.Raise();
        }

        bool requiresLeader = call.FindRequestText(LeaderKey) == LeaderRequired;
        if (requiresLeader && !core.HasLeader)
        {
            throw EtcdStatus.NoLeader.Raise();
        }

        return requiresLeader;
    }
}

using Google.Protobuf;
using Lepton.Coordination.Client.Transport;
using Lepton.Rpc;

namespace Lepton.Coordination.Tests.Client;

/// <summary>
/// The way to a real server that loses what a test says: the request, so that nothing happens, or the answer, so that
/// what was asked for was done and nobody knows.
/// </summary>
internal sealed class FaultyTransport(ICoordinationTransport inner) : ICoordinationTransport
{
    private readonly Queue<Fault> _faults = new();
    private int _txns;

    public enum Kind
    {
        /// <summary>No connection came about.</summary>
        NeverReached,

        /// <summary>The server did it, and the connection broke before the answer.</summary>
        AnswerLost,
    }

    public string Endpoint => inner.Endpoint;

    /// <summary>How many transactions were sent.</summary>
    public int Txns => Volatile.Read(ref _txns);

    /// <summary>Says of each call, by its method, how it fails; null where it does not, and the plan counts.</summary>
    public Func<string, Kind?> Decide { get; set; } = static _ => null;

    /// <summary>Has the next calls of a method fail.</summary>
    /// <param name="method">Its name.</param>
    /// <param name="kind">How.</param>
    /// <param name="times">How many calls.</param>
    /// <param name="meanwhile">What happens between the call and its failure.</param>
    public void Plan(string method, Kind kind, int times = 1, Func<Task>? meanwhile = null)
    {
        lock (_faults)
        {
            for (int i = 0; i < times; i++)
            {
                _faults.Enqueue(new Fault(method, kind, meanwhile));
            }
        }
    }

    public async Task<TResponse> UnaryAsync<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, TRequest request, TransportCallOptions options,
        CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        Fault? fault = Next(method.Name);
        Interlocked.Add(ref _txns, method.Name == "Txn" ? 1 : 0);
        if (fault?.Kind == Kind.NeverReached)
        {
            throw new RpcException(StatusCode.Unavailable, "no connection came about") { NeverReached = true };
        }

        TResponse response = await inner.UnaryAsync(method, request, options, cancellationToken);
        if (fault is null)
        {
            return response;
        }

        await (fault.Meanwhile?.Invoke() ?? Task.CompletedTask);
        throw new RpcException(StatusCode.Unavailable, "the connection broke");
    }

    public IAsyncEnumerable<TResponse> ServerStreaming<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, TRequest request, TransportCallOptions options,
        CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        inner.ServerStreaming(method, request, options, cancellationToken);

    public ICoordinationStream<TRequest, TResponse> OpenDuplex<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, TransportCallOptions options, CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> => inner.OpenDuplex(method, options, cancellationToken);

    public void Dispose() => inner.Dispose();

    private Fault? Next(string method)
    {
        lock (_faults)
        {
            if (Decide(method) is { } kind)
            {
                return new Fault(method, kind, null);
            }

            return _faults.TryPeek(out Fault? next) && next.Method == method ? _faults.Dequeue() : null;
        }
    }

    private sealed record Fault(string Method, Kind Kind, Func<Task>? Meanwhile);
}

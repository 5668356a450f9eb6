using System.Threading.Channels;
using Google.Protobuf;
using Lepton.Coordination.Client.Transport;
using Lepton.Rpc;

namespace Lepton.Coordination.Tests.Client;

/// <summary>A server that is a function: what a test answers, or throws, for each request.</summary>
internal sealed class StubTransport(string endpoint, Func<IMessage, Task<IMessage>> answer) : ICoordinationTransport
{
    private readonly List<string> _calls = [];

    public string Endpoint => endpoint;

    /// <summary>The requests that it got, by type.</summary>
    public IReadOnlyList<string> Calls
    {
        get
        {
            lock (_calls)
            {
                return [.. _calls];
            }
        }
    }

    public async Task<TResponse> UnaryAsync<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, TRequest request, TransportCallOptions options,
        CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        (TResponse)await AnswerAsync(request).WaitAsync(cancellationToken);

    public IAsyncEnumerable<TResponse> ServerStreaming<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, TRequest request, TransportCallOptions options,
        CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> => throw new NotSupportedException();

    public ICoordinationStream<TRequest, TResponse> OpenDuplex<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, TransportCallOptions options, CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> => new Stream<TRequest, TResponse>(this);

    public void Dispose()
    {
    }

    private Task<IMessage> AnswerAsync(IMessage request)
    {
        lock (_calls)
        {
            _calls.Add(request.Descriptor.Name);
        }

        return answer(request);
    }

    private sealed class Stream<TRequest, TResponse>(StubTransport transport) : ICoordinationStream<TRequest, TResponse>
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        private readonly Channel<TRequest> _requests = Channel.CreateBounded<TRequest>(16);

        public ValueTask WriteAsync(TRequest request, CancellationToken cancellationToken) =>
            _requests.Writer.WriteAsync(request, cancellationToken);

        public void Complete() => _requests.Writer.Complete();

        public async ValueTask<TResponse?> ReadAsync(CancellationToken cancellationToken)
        {
            TRequest request = await _requests.Reader.ReadAsync(cancellationToken);
            return (TResponse)await transport.AnswerAsync(request).WaitAsync(cancellationToken);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

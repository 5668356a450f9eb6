using System.Runtime.CompilerServices;
using Google.Protobuf;
using Lepton.Rpc.Protocol;

namespace Lepton.Rpc.Server;

/// <summary>Both directions of one duplex call. One reader at a time; any number of writers.</summary>
/// <typeparam name="TRequest">The message that the caller sends.</typeparam>
/// <typeparam name="TResponse">The message that this side sends.</typeparam>
public sealed class RpcServerStream<TRequest, TResponse> : IRpcServerStream<TRequest, TResponse>
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    private readonly MessageReader<TRequest> _requests;
    private readonly RpcResponseStream<TResponse> _responses;
    private readonly CancellationToken _callToken;

    internal RpcServerStream(
        MessageReader<TRequest> requests, RpcResponseStream<TResponse> responses, CancellationToken callToken) =>
        (_requests, _responses, _callToken) = (requests, responses, callToken);

    /// <inheritdoc/>
    public ValueTask<TRequest?> ReadAsync(CancellationToken cancellationToken = default) =>
        cancellationToken.CanBeCanceled ? ReadLinkedAsync(cancellationToken) : _requests.ReadAsync(_callToken);

    /// <summary>All requests, up to the end of the caller's side. Read them once.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    public IAsyncEnumerable<TRequest> ReadAllAsync(CancellationToken cancellationToken = default) =>
        ReadAllAsync(_requests, _callToken, cancellationToken);

    /// <inheritdoc cref="RpcResponseStream{TResponse}.WriteAsync"/>
    public ValueTask WriteAsync(TResponse message, CancellationToken cancellationToken = default) =>
        _responses.WriteAsync(message, cancellationToken);

    /// <inheritdoc cref="RpcResponseStream{TResponse}.WriteManyAsync"/>
    public ValueTask WriteManyAsync(
        IEnumerable<TResponse> messages, CancellationToken cancellationToken = default) =>
        _responses.WriteManyAsync(messages, cancellationToken);

    /// <inheritdoc cref="RpcResponseStream{TResponse}.WriteEncodedAsync"/>
    public ValueTask WriteEncodedAsync(
        ReadOnlyMemory<byte> head, ReadOnlyMemory<byte> tail, CancellationToken cancellationToken = default) =>
        _responses.WriteEncodedAsync(head, tail, cancellationToken);

    private async ValueTask<TRequest?> ReadLinkedAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource both =
            CancellationTokenSource.CreateLinkedTokenSource(_callToken, cancellationToken);
        return await _requests.ReadAsync(both.Token).ConfigureAwait(false);
    }

    internal static async IAsyncEnumerable<TRequest> ReadAllAsync(
        MessageReader<TRequest> requests, CancellationToken callToken,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using CancellationTokenSource? both = cancellationToken.CanBeCanceled
            ? CancellationTokenSource.CreateLinkedTokenSource(callToken, cancellationToken)
            : null;
        CancellationToken token = both?.Token ?? callToken;
        while (await requests.ReadAsync(token).ConfigureAwait(false) is { } request)
        {
            yield return request;
        }
    }
}

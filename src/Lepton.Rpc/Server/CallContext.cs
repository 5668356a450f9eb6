using Google.Protobuf;
using Lepton.Rpc.Protocol;
using Microsoft.AspNetCore.Http;

namespace Lepton.Rpc.Server;

/// <summary>What the server keeps for one call.</summary>
internal sealed class CallContext(
    HttpContext http, RpcServerCall call, CallLifetime lifetime, ResponseSink sink, int messageBytesMax)
{
    public RpcServerCall Call => call;

    public CallLifetime Lifetime => lifetime;

    public ResponseSink Sink => sink;

    public MessageReader<T> NewReader<T>(MessageParser<T> parser)
        where T : class, IMessage<T> => NewReader(parser, StatusCode.Internal);

    /// <summary>The one request of a call whose caller does not stream.</summary>
    public async ValueTask<T> ReadSingleAsync<T>(MessageParser<T> parser)
        where T : class, IMessage<T>
    {
        // A request that did not come whole is Unknown, which is what Go's library, and so etcd, makes of it.
        MessageReader<T> reader = NewReader(parser, StatusCode.Unknown);
        T request = await reader.ReadAsync(lifetime.Token).ConfigureAwait(false) ??
            throw new RpcException(
                StatusCode.Unknown, $"{call.MethodPath} takes exactly one request message, but none came");
        return await reader.ReadAsync(lifetime.Token).ConfigureAwait(false) is null
            ? request
            : throw new RpcException(
                StatusCode.Unimplemented, $"{call.MethodPath} takes exactly one request message, but more came");
    }

    private MessageReader<T> NewReader<T>(MessageParser<T> parser, StatusCode cutShort)
        where T : class, IMessage<T>
    {
        string? encoding = http.Request.Headers[HeaderNames.Encoding];
        return new MessageReader<T>(
            http.Request.BodyReader, parser, messageBytesMax, encoding,
            static status => new RpcException(status.Code, status.Detail), cutShort);
    }
}

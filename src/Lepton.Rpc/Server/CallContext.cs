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
        where T : class, IMessage<T>
    {
        string? encoding = http.Request.Headers[HeaderNames.Encoding];
        return new MessageReader<T>(http.Request.BodyReader, parser, messageBytesMax, encoding,
            static status => new RpcException(status.Code, status.Detail));
    }

    /// <summary>The one request of a call whose caller does not stream.</summary>
    public async ValueTask<T> ReadSingleAsync<T>(MessageParser<T> parser)
        where T : class, IMessage<T>
    {
        MessageReader<T> reader = NewReader(parser);
        T? request = await reader.ReadAsync(lifetime.Token).ConfigureAwait(false);
        if (request is null || await reader.ReadAsync(lifetime.Token).ConfigureAwait(false) is not null)
        {
            throw new RpcException(StatusCode.Unimplemented,
                $"{call.MethodPath} takes exactly one request message, but {(request is null ? "none" : "more")} came");
        }

        return request;
    }
}

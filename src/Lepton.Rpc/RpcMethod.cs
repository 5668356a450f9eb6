using Google.Protobuf;

namespace Lepton.Rpc;

/// <summary>The name of a remote method and how its messages are parsed. Immutable: keep one per method.</summary>
/// <typeparam name="TRequest">The message that the caller sends.</typeparam>
/// <typeparam name="TResponse">The message that the callee sends.</typeparam>
public sealed class RpcMethod<TRequest, TResponse>
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    /// <summary>Names a method.</summary>
    /// <param name="service">The service with its package, such as <c>etcdserverpb.KV</c>.</param>
    /// <param name="name">The method, such as <c>Range</c>.</param>
    /// <param name="requestParser">The generated parser of the request: <c>TRequest.Parser</c>.</param>
    /// <param name="responseParser">The generated parser of the response: <c>TResponse.Parser</c>.</param>
    /// <exception cref="ArgumentException">A name is empty or holds a character that a path can't.</exception>
    public RpcMethod(
        string service, string name, MessageParser<TRequest> requestParser, MessageParser<TResponse> responseParser)
    {
        CheckName(service, nameof(service));
        CheckName(name, nameof(name));
        ArgumentNullException.ThrowIfNull(requestParser);
        ArgumentNullException.ThrowIfNull(responseParser);
        Service = service;
        Name = name;
        Path = $"/{service}/{name}";
        RequestParser = requestParser;
        ResponseParser = responseParser;
    }

    /// <summary>The service with its package.</summary>
    public string Service { get; }

    /// <summary>The method's name.</summary>
    public string Name { get; }

    /// <summary>The path on the wire: <c>/service/name</c>.</summary>
    public string Path { get; }

    /// <summary>Parses requests.</summary>
    public MessageParser<TRequest> RequestParser { get; }

    /// <summary>Parses responses.</summary>
    public MessageParser<TResponse> ResponseParser { get; }

    /// <inheritdoc/>
    public override string ToString() => Path;

    private static void CheckName(string name, string parameter)
    {
        ArgumentException.ThrowIfNullOrEmpty(name, parameter);
        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-'))
            {
                throw new ArgumentException(
                    $"'{name}' holds '{c}'. Use the names of the .proto file: letters, digits, '.', '_' and '-'.",
                    parameter);
            }
        }
    }
}

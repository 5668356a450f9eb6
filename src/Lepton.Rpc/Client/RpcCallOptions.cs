namespace Lepton.Rpc.Client;

/// <summary>What one call has of its own.</summary>
public sealed record RpcCallOptions
{
    /// <summary>
    /// How long the call may take as a whole; also told to the callee. Null is the channel's
    /// <see cref="RpcChannelOptions.UnaryTimeout"/> for a unary call and no limit for a stream.
    /// </summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Travels with the request.</summary>
    public RpcMetadata? Metadata { get; init; }

    /// <summary>Gets what the callee sent before its first response. Must not throw.</summary>
    public Action<RpcMetadata>? OnHeaders { get; init; }

    /// <summary>
    /// Gets what the callee sent with a status of OK; a failure has it in its exception. Must not throw.
    /// </summary>
    public Action<RpcMetadata>? OnTrailers { get; init; }
}

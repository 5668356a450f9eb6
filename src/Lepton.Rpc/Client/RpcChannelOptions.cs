namespace Lepton.Rpc.Client;

/// <summary>How a channel connects and what it allows. Checked once, when the channel is made.</summary>
public sealed record RpcChannelOptions
{
    /// <summary>Sent with every request as <c>authorization: Bearer</c>; null sends none.</summary>
    public string? BearerToken { get; init; }

    /// <summary>The time that a unary call gets where its options name none; 30 s by default.</summary>
    public TimeSpan UnaryTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a connection may take to come about; 5 s by default.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The largest message that the callee may send, unpacked, in bytes; 64 MiB by default.</summary>
    public int MessageBytesMax { get; init; } = 64 * 1024 * 1024;

    /// <summary>
    /// How many bytes of requests one stream keeps before its writers wait; 256 KiB by default. One message beyond it
    /// is let in.
    /// </summary>
    public int StreamPendingBytesMax { get; init; } = 256 * 1024;

    /// <summary>
    /// How many bytes the callee may send on one stream before any were read; 1 MiB by default. It may grow to 16 MiB
    /// on long ways.
    /// </summary>
    public int StreamWindowBytes { get; init; } = 1024 * 1024;

    /// <summary>
    /// A connection with open calls that is silent this long is asked whether it still lives; 10 s by default, 1 s at
    /// least. Servers of other makes may close a channel that asks more often than every 5 s.
    /// </summary>
    public TimeSpan KeepAlivePingDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the answer to that may take before the connection counts as dead; 5 s by default.</summary>
    public TimeSpan KeepAlivePingTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Certificates of an <c>https</c> address; null trusts the machine's authorities and shows
    /// none.</summary>
    public RpcTlsOptions? Tls { get; init; }

    /// <summary>The clock of deadlines.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Throws with all that is wrong at once.</summary>
    internal void Validate()
    {
        List<string> errors = [];
        Require(BearerToken is null ||
            (BearerToken.Length > 0 && BearerToken.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0),
            $"{nameof(BearerToken)} must be printable ASCII without blanks.");
        Require(MessageBytesMax > 0, $"{nameof(MessageBytesMax)} is {MessageBytesMax}; it must be above 0.");
        Require(StreamPendingBytesMax > 0,
            $"{nameof(StreamPendingBytesMax)} is {StreamPendingBytesMax}; it must be above 0.");
        Require(StreamWindowBytes is >= 65_535 and <= 16 * 1024 * 1024,
            $"{nameof(StreamWindowBytes)} is {StreamWindowBytes}; it must lie within 65535 and 16 MiB.");
        Require(UnaryTimeout > TimeSpan.Zero, $"{nameof(UnaryTimeout)} is {UnaryTimeout}; it must be above 0.");
        Require(ConnectTimeout > TimeSpan.Zero, $"{nameof(ConnectTimeout)} is {ConnectTimeout}; it must be above 0.");
        Require(KeepAlivePingDelay >= TimeSpan.FromSeconds(1),
            $"{nameof(KeepAlivePingDelay)} is {KeepAlivePingDelay}; it must be 1 s or more.");
        Require(KeepAlivePingTimeout >= TimeSpan.FromSeconds(1),
            $"{nameof(KeepAlivePingTimeout)} is {KeepAlivePingTimeout}; it must be 1 s or more.");
        errors.AddRange(Tls?.Errors() ?? []);
        if (errors.Count > 0)
        {
            throw new ArgumentException("The channel's options are wrong: " + string.Join(' ', errors));
        }

        void Require(bool holds, string error)
        {
            if (!holds)
            {
                errors.Add(error);
            }
        }
    }
}

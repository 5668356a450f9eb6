using System.IO.Pipelines;
using System.Net.Http.Headers;
using Google.Protobuf;
using Lepton.Rpc.Protocol;

namespace Lepton.Rpc.Client;

/// <summary>
/// One call from this side: sends the request, reads the responses, enforces the deadline and names who failed. One
/// reader at a time; disposing is allowed at any time and ends the call.
/// </summary>
internal sealed class ClientCall<TResponse> : IDisposable
    where TResponse : class, IMessage<TResponse>
{
    private const int ReadBytesMin = 1024;
    private static readonly RpcCallOptions NoOptions = new();
    private readonly RpcChannel _channel;
    private readonly string _path;
    private readonly MessageParser<TResponse> _parser;
    private readonly RpcCallOptions _options;
    private readonly TimeSpan? _timeout;
    private readonly CancellationToken _callerToken;
    private readonly CancellationTokenSource? _deadline;
    private readonly CancellationTokenSource _cancellation;
    private CancellationTokenRegistration _aborting;
    private HttpResponseMessage? _response;
    private PipeReader? _body;
    private MessageReader<TResponse>? _reader;
    private bool _finished;
    private int _disposed;

    public ClientCall(
        RpcChannel channel, string path, MessageParser<TResponse> parser, RpcCallOptions? options,
        TimeSpan? timeoutByDefault, CancellationToken callerToken)
    {
        callerToken.ThrowIfCancellationRequested();
        _channel = channel;
        _path = path;
        _parser = parser;
        _options = options ?? NoOptions;
        _timeout = _options.Timeout ?? timeoutByDefault;
        _callerToken = callerToken;
        if (_timeout is { } timeout)
        {
            if (timeout <= TimeSpan.Zero)
            {
                throw new ArgumentOutOfRangeException(nameof(options), timeout,
                    $"The timeout of a call of {path} must be above 0; leave it null for the channel's own.");
            }

            timeout = timeout < TimeoutFormat.TimeoutMax ? timeout : TimeoutFormat.TimeoutMax;
            _deadline = new CancellationTokenSource(timeout, channel.Options.TimeProvider);
        }

        _cancellation = CancellationTokenSource.CreateLinkedTokenSource(
            [callerToken, channel.Closed, _deadline?.Token ?? CancellationToken.None]);
        Token = _cancellation.Token;
    }

    /// <summary>Cancelled by the caller, by the deadline, and when this or the channel is disposed.</summary>
    public CancellationToken Token { get; }

    /// <summary>Sends the request and returns once the response's headers are there and right.</summary>
    public async Task StartAsync(HttpContent content, int readBufferBytes)
    {
        try
        {
            using HttpRequestMessage request = NewRequest(content);
            _response = await _channel.SendAsync(request, Token).ConfigureAwait(false);

            // From here on the HTTP client does not look at the token: ending the response tells the callee.
            _aborting = Token.UnsafeRegister(static response => ((HttpResponseMessage)response!).Dispose(), _response);
            if (CallFailure.OfHeaders(_response) is { } wrong)
            {
                throw Failure(wrong, RpcParty.Callee);
            }

            _options.OnHeaders?.Invoke(MetadataOf(_response.Headers));
            string? encoding = _response.Headers.NonValidated.TryGetValues(HeaderNames.Encoding, out var values)
                ? values.ToString()
                : null;
            if (encoding is not (null or HeaderNames.Identity or HeaderNames.Gzip))
            {
                throw Failure(
                    new RpcStatus(StatusCode.Internal, $"responses are compressed by '{encoding}' where one of " +
                        $"{HeaderNames.EncodingsUnderstood} was expected"), RpcParty.Callee);
            }

            Stream stream = await _response.Content.ReadAsStreamAsync(Token).ConfigureAwait(false);
            _body = PipeReader.Create(stream, new StreamPipeReaderOptions(
                bufferSize: readBufferBytes, minimumReadSize: ReadBytesMin));
            _reader = new MessageReader<TResponse>(
                _body, _parser, _channel.Options.MessageBytesMax, encoding, ResponseFault);
        }
        catch (Exception e) when (e is not RpcException)
        {
            throw Translate(e);
        }
    }

    /// <summary>The next response, or null at the end of a call that succeeded; throws at the end of others.</summary>
    /// <param name="token"><see cref="Token"/>, or one linked to it.</param>
    public ValueTask<TResponse?> ReadAsync(CancellationToken token)
    {
        if (token.IsCancellationRequested || _reader is null)
        {
            return ReadSlowlyAsync(token);
        }

        try
        {
            ValueTask<TResponse?> read = _reader.ReadAsync(token);
            if (!read.IsCompletedSuccessfully)
            {
                return AwaitReadAsync(read, token);
            }

            return read.Result is { } message ? new ValueTask<TResponse?>(message) : ReadSlowlyAsync(token);
        }
        catch (RpcException e)
        {
            return ValueTask.FromException<TResponse?>(e);
        }
    }

    /// <summary>The exception that tells the caller what happened.</summary>
    public Exception Translate(Exception e)
    {
        if (e is RpcException)
        {
            return e;
        }

        if (_callerToken.IsCancellationRequested)
        {
            return new OperationCanceledException(
                $"The call of {_path} at {_channel.Address} was cancelled by its caller.", e, _callerToken);
        }

        if (_deadline?.IsCancellationRequested == true)
        {
            return Failure(new RpcStatus(StatusCode.DeadlineExceeded,
                $"its deadline of {_timeout!.Value.TotalSeconds:0.###} s passed before the call ended"),
                RpcParty.Caller, e);
        }

        if (Volatile.Read(ref _disposed) != 0)
        {
            return new OperationCanceledException(
                $"The call of {_path} at {_channel.Address} was disposed before it ended.", e);
        }

        if (_channel.Closed.IsCancellationRequested)
        {
            return new OperationCanceledException(
                $"The call of {_path} at {_channel.Address} was cancelled because its channel was disposed.", e);
        }

        (RpcStatus status, RpcParty party) = CallFailure.Of(e);
        return RpcException.ForCall(
            status, party, _path, _channel.Address, e, neverReached: CallFailure.NeverReached(e));
    }

    /// <summary>A failure of this call.</summary>
    public RpcException Failure(
        RpcStatus status, RpcParty party, Exception? inner = null, RpcMetadata? trailers = null) =>
        RpcException.ForCall(status, party, _path, _channel.Address, inner, trailers);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        // The body's buffers are not given back here, since a reader may still be filling them; it does that itself.
        _cancellation.Cancel();
        _aborting.Dispose();
        _response?.Dispose();
        _cancellation.Dispose();
        _deadline?.Dispose();
    }

    private static RpcMetadata MetadataOf(HttpHeaders headers)
    {
        RpcMetadata metadata = [];
        foreach ((string key, HeaderStringValues values) in headers.NonValidated)
        {
            foreach (string value in values)
            {
                MetadataFormat.AddReceived(metadata, key, value);
            }
        }

        return metadata;
    }

    private HttpRequestMessage NewRequest(HttpContent content)
    {
        content.Headers.TryAddWithoutValidation("Content-Type", HeaderNames.ContentType);
        HttpRequestMessage request = new(HttpMethod.Post, _channel.UriOf(_path)) { Content = content };
        HttpRequestHeaders headers = request.Headers;
        headers.TryAddWithoutValidation("TE", "trailers");
        headers.TryAddWithoutValidation(HeaderNames.AcceptEncoding, HeaderNames.EncodingsUnderstood);
        if (_timeout is { } timeout)
        {
            headers.TryAddWithoutValidation(HeaderNames.Timeout, TimeoutFormat.Format(timeout));
        }

        foreach (RpcMetadataEntry entry in _options.Metadata ?? [])
        {
            headers.TryAddWithoutValidation(entry.Key, entry.Text);
        }

        return request;
    }

    private async ValueTask<TResponse?> AwaitReadAsync(ValueTask<TResponse?> read, CancellationToken token)
    {
        try
        {
            return await read.ConfigureAwait(false) ?? Finish();
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested && !Token.IsCancellationRequested)
        {
            // Only the reading was cancelled; the call goes on.
            throw;
        }
        catch (Exception e) when (e is not RpcException)
        {
            throw Translate(e);
        }
    }

    private async ValueTask<TResponse?> ReadSlowlyAsync(CancellationToken token)
    {
        if (token.IsCancellationRequested)
        {
            OperationCanceledException cancelled = new(token);
            throw Token.IsCancellationRequested ? Translate(cancelled) : cancelled;
        }

        if (_reader is null)
        {
            throw new InvalidOperationException("The call was not started.");
        }

        return await AwaitReadAsync(_reader.ReadAsync(token), token).ConfigureAwait(false);
    }

    private TResponse? Finish()
    {
        if (_finished)
        {
            return null;
        }

        _finished = true;
        _body!.Complete();

        // The end may be of our own making: the response was cut off, not ended.
        Token.ThrowIfCancellationRequested();

        RpcStatus status = CallFailure.StatusOf(_response!);
        bool inHeaders = _response!.Headers.NonValidated.Contains(HeaderNames.Status);
        RpcMetadata trailers = MetadataOf(inHeaders ? _response.Headers : _response.TrailingHeaders);
        if (!status.IsOK)
        {
            throw Failure(status, RpcParty.Callee, trailers: trailers);
        }

        _options.OnTrailers?.Invoke(trailers);
        return null;
    }

    private RpcException ResponseFault(RpcStatus status) => Failure(
        status, status.Code == StatusCode.ResourceExhausted ? RpcParty.Caller : RpcParty.Callee);
}

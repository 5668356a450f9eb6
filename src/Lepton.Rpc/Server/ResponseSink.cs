using System.IO.Pipelines;
using Google.Protobuf;
using Lepton.Rpc.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Lepton.Rpc.Server;

/// <summary>
/// The way back to the caller. Handlers never touch the HTTP response: their messages go through an outbox, so that a
/// deadline can end the response while a handler still writes. Unary responses skip the outbox.
/// </summary>
internal sealed class ResponseSink(HttpContext context, int pendingBytesMax)
{
    private const int Http2Cancel = 8;
    private static readonly TimeSpan EndTimeout = TimeSpan.FromMilliseconds(500);
    private readonly Lock _gate = new();
    private MessageOutbox? _outbox;
    private Task? _pump;
    private RpcMetadata? _headers;
    private RpcMetadata? _trailers;
    private bool _closed;

    public RpcMetadata Headers => _headers ??= [];

    public RpcMetadata Trailers => _trailers ??= [];

    /// <summary>The trailers, where the handler has asked for them.</summary>
    public RpcMetadata? TrailersIfAny => _trailers;

    public ValueTask WriteAsync(IMessage message, CancellationToken cancellationToken) =>
        Open().WriteAsync(message, cancellationToken);

    public ValueTask WriteEncodedAsync(
        ReadOnlyMemory<byte> head, ReadOnlyMemory<byte> tail, CancellationToken cancellationToken) =>
        Open().WriteEncodedAsync(head, tail, cancellationToken);

    public ValueTask WriteManyAsync<T>(IEnumerable<T> messages, CancellationToken cancellationToken)
        where T : IMessage => Open().WriteManyAsync(messages, cancellationToken);

    public Task SendHeadersAsync()
    {
        Open(headersFirst: true);
        return Task.CompletedTask;
    }

    /// <summary>Ends a unary call that succeeded: headers, the message and the trailers leave in one go.</summary>
    public async ValueTask EndUnaryAsync(IMessage response)
    {
        if (_outbox is null)
        {
            SetHeaders();
            FrameFormat.Write(context.Response.BodyWriter, response);
        }
        else
        {
            await _outbox.WriteAsync(response, CancellationToken.None).ConfigureAwait(false);
            await DrainAsync().ConfigureAwait(false);
        }

        SetStatus(context.Response, RpcStatus.OK, _trailers);
    }

    /// <summary>Waits until what a stream wrote has left.</summary>
    public Task DrainAsync()
    {
        _outbox?.Complete();
        return _pump ?? Task.CompletedTask;
    }

    /// <summary>Ends the response with a status. Drops messages still pending: drain first to keep them.</summary>
    public async Task EndAsync(RpcStatus status, RpcMetadata? trailers)
    {
        Close(status);
        if (_pump is not null)
        {
            await _pump.WaitAsync(EndTimeout).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!_pump.IsCompleted)
            {
                // A write waits for room in the caller's window; no trailer gets past it.
                Reset();
                await _pump.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return;
            }
        }

        HttpResponse response = context.Response;
        if (status.IsOK && _pump is null)
        {
            SetHeaders();
        }

        if (_pump is null && !status.IsOK && !response.HasStarted)
        {
            // "Trailers-only": one header block with everything.
            response.ContentType = HeaderNames.ContentType;
            SetStatusHeaders(response.Headers, status, trailers);
        }
        else
        {
            SetStatus(response, status, trailers);
        }

        await CompleteResponseAsync(response).ConfigureAwait(false);
    }

    /// <summary>Ends without a word: the caller is gone.</summary>
    public async Task AbandonAsync()
    {
        Close(new RpcStatus(StatusCode.Cancelled, "the caller is gone"));
        if (_pump is not null)
        {
            await _pump.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static void SetStatus(HttpResponse response, RpcStatus status, RpcMetadata? trailers)
    {
        IHeaderDictionary target = response.HttpContext.Features.Get<IHttpResponseTrailersFeature>()!.Trailers;
        SetStatusHeaders(target, status, trailers);
    }

    private static void SetStatusHeaders(IHeaderDictionary target, RpcStatus status, RpcMetadata? metadata)
    {
        target[HeaderNames.Status] = StatusText(status.Code);
        if (status.Detail.Length > 0)
        {
            target[HeaderNames.Message] = MetadataFormat.PercentEncode(status.Detail);
        }

        Append(target, metadata);
    }

    private static string StatusText(StatusCode code) =>
        code == StatusCode.OK ? "0" : ((int)code).ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static void Append(IHeaderDictionary target, RpcMetadata? metadata)
    {
        if (metadata is null)
        {
            return;
        }

        foreach (RpcMetadataEntry entry in metadata)
        {
            target.Append(entry.Key, new StringValues(entry.Text));
        }
    }

    private MessageOutbox Open(bool headersFirst = false)
    {
        lock (_gate)
        {
            if (_outbox is not null)
            {
                return _outbox;
            }

            _outbox = new MessageOutbox(pendingBytesMax);
            if (_closed)
            {
                _outbox.Fail(new OperationCanceledException("The call has ended; nothing can be written to it."));
                return _outbox;
            }

            SetHeaders();
            _pump = PumpAsync(_outbox, headersFirst);
            return _outbox;
        }
    }

    private async Task PumpAsync(MessageOutbox outbox, bool headersFirst)
    {
        // Off the handler's thread, which holds the lock.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        PipeWriter body = context.Response.BodyWriter;
        if (headersFirst)
        {
            await body.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }

        await outbox.PumpAsync(
            async (batch, _) =>
            {
                FlushResult result = await body.WriteAsync(batch, CancellationToken.None).ConfigureAwait(false);
                if (result.IsCompleted)
                {
                    throw new OperationCanceledException("The caller is gone.");
                }
            },
            static e => new OperationCanceledException("The caller can't be reached any more.", e),
            CancellationToken.None).ConfigureAwait(false);
    }

    private void SetHeaders()
    {
        context.Response.ContentType = HeaderNames.ContentType;
        Append(context.Response.Headers, _headers);
    }

    private void Close(RpcStatus status)
    {
        lock (_gate)
        {
            _closed = true;
            _outbox?.Fail(new OperationCanceledException($"The call has ended: {status.Detail}."));
        }
    }

    private async Task CompleteResponseAsync(HttpResponse response)
    {
        Task completed = response.CompleteAsync();
        if (!completed.IsCompleted)
        {
            await completed.WaitAsync(EndTimeout).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!completed.IsCompleted)
            {
                // The caller does not take what was sent before; it must not hold the stream for that.
                Reset();
                return;
            }
        }

        await completed.ConfigureAwait(false);
    }

    private void Reset()
    {
        if (context.Features.Get<IHttpResetFeature>() is { } reset)
        {
            reset.Reset(Http2Cancel);
        }
        else
        {
            context.Abort();
        }
    }
}

using Lepton.Coordination.Client.Failures;
using Lepton.Coordination.Client.Transport;
using Lepton.Rpc;
using Pb = Lepton.Coordination.Protocol;

namespace Lepton.Coordination.Client.Watching;

/// <summary>
/// One watch over as many connections as it takes. A watch has a stream of its own, so that a slow reader holds back
/// nobody else. One reader at a time.
/// </summary>
internal sealed class WatchSubscription(
    EndpointRing ring, CoordinationClientOptions client, Jitter jitter, KeyRange keys, WatchOptions options)
    : IAsyncDisposable
{
    private static readonly TimeSpan s_pauseFirst = TimeSpan.FromMilliseconds(25);

    /// <summary>A connection that held this long was a good one: what comes next is a new trouble.</summary>
    private static readonly TimeSpan s_steadyMin = TimeSpan.FromSeconds(1);
    private readonly WatchCursor _cursor = new(options.StartRevision);
    private ICoordinationTransport? _transport;
    private ICoordinationStream<Pb.WatchRequest, Pb.WatchResponse>? _stream;
    private long? _openedAt;
    private int _failures;

    /// <summary>The next changes. Waits for them, and for a server, as long as it takes.</summary>
    /// <exception cref="CompactedException">The history that it needs is gone.</exception>
    /// <exception cref="CoordinationException">No server will ever serve this watch.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async ValueTask<WatchBatch> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                if (_stream is null)
                {
                    await OpenAsync(cancellationToken).ConfigureAwait(false);
                }

                Pb.WatchResponse response = await _stream!.ReadAsync(cancellationToken).ConfigureAwait(false) ??
                    throw Ended("the server ended the watch's stream");
                if (Judge(response) is { } batch && (batch.Events.Count > 0 || options.ReportProgress))
                {
                    return batch;
                }
            }
            catch (RpcException e)
            {
                await InterruptedAsync(e, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_stream is { } stream)
        {
            _stream = null;
            await stream.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static RpcException Ended(string how) => new(StatusCode.Unavailable, how);

    /// <summary>Opens a stream and waits until the server has the watch in place, but not for ever.</summary>
    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        _transport = ring.Current;
        _stream = _transport.OpenDuplex(
            CoordinationMethods.Watch, new TransportCallOptions(Timeout: null, NeedsLeader: true), cancellationToken);
        using CancellationTokenSource limit = new(client.AttemptTimeout, client.TimeProvider);
        using CancellationTokenSource either =
            CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await _stream.WriteAsync(Wire.ToRequest(keys, _cursor.Next, options), either.Token).ConfigureAwait(false);
            Pb.WatchResponse created = await _stream.ReadAsync(either.Token).ConfigureAwait(false) ??
                throw Ended("the server ended the watch's stream at once");
            Judge(created);
            if (!created.Created)
            {
                throw Ended("the server answered the watch with something else than its creation");
            }

            _cursor.Created(Wire.RevisionOf(created.Header));
            _openedAt = client.TimeProvider.GetTimestamp();
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RpcException(
                StatusCode.DeadlineExceeded,
                $"it did not put the watch in place within {client.AttemptTimeout.TotalSeconds:0.###} s", e);
        }
    }

    private WatchBatch? Judge(Pb.WatchResponse response)
    {
        if (response.CompactRevision > 0)
        {
            throw FailureText.WatchCompacted(
                keys, _cursor.Next, new Revision(response.CompactRevision), _transport!.Endpoint);
        }

        if (response.Canceled)
        {
            string reason = response.CancelReason;
            throw reason is ServerTexts.NoLeader or ""
                ? Ended(reason.Length > 0 ? reason : "the server ended the watch")
                : FailureText.WatchRefused(keys, reason, _transport!.Endpoint);
        }

        return response.Created ? null : _cursor.Take(response);
    }

    private async Task InterruptedAsync(RpcException e, CancellationToken cancellationToken)
    {
        ICoordinationTransport failed = _transport!;
        if (_openedAt is { } openedAt && client.TimeProvider.GetElapsedTime(openedAt) > s_steadyMin)
        {
            _failures = 0;
        }

        _openedAt = null;
        await DisposeAsync().ConfigureAwait(false);
        CoordinationException failure = FailureText.Of(
            e, CallKind.Read, $"the watch of {keys}", failed.Endpoint, _failures + 1);
        if (!RetryPolicy.MayReopen(e))
        {
            throw failure;
        }

        ring.MoveOn(failed);
        options.OnInterrupted?.Invoke(failure);
        int failures = _failures++;
        if (failures % ring.All.Count == ring.All.Count - 1)
        {
            TimeSpan pause = jitter.Pause(failures / ring.All.Count, s_pauseFirst);
            await Task.Delay(pause, client.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
    }
}

using System.Collections.Concurrent;
using System.Threading.Channels;
using Google.Protobuf;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.State;
using Lepton.Coordination.Watch;
using Lepton.Rpc.Server;

namespace Lepton.Coordination.Services;

/// <summary>
/// The watches of one stream. One loop carries out requests and sends events, so what a client gets is in order; where
/// it does not read, that loop waits, its requests wait behind it, and the hub keeps no more for its watches than their
/// buffers: the events are in the history anyway.
/// </summary>
internal sealed class WatchStream : IDisposable
{
    private const long NoWatch = -1;
    private const string EmptyRange = "mvcc: watcher range is empty";
    private const string DuplicateId = "mvcc: duplicate watch ID provided on the WatchStream";
    private const int RequestsPendingMax = 16;
    private static readonly ByteString FirstKey = ByteString.CopyFrom(0);
    private readonly ServiceCore _core;
    private readonly WatchHub _hub;
    private readonly IRpcServerStream<WatchRequest, WatchResponse> _stream;
    private readonly WatchEventWriter _events;
    private readonly Dictionary<long, StreamWatch> _watches = [];
    private readonly ConcurrentQueue<StreamWatch> _ready = new();
    private readonly Channel<WatchRequest> _requests =
        Channel.CreateBounded<WatchRequest>(new BoundedChannelOptions(RequestsPendingMax) { SingleReader = true });

    // Holds at most one token: that there is something to do.
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite });

    private ITimer? _progressTimer;
    private volatile bool _progressDue;
    private bool _progressRequested;
    private long _nextId;

    public WatchStream(
        ServiceCore core, WatchHub hub, EventEncodings encodings, IRpcServerStream<WatchRequest, WatchResponse> stream)
    {
        _core = core;
        _hub = hub;
        _stream = stream;
        _events = new WatchEventWriter(core, encodings, stream);
    }

    /// <summary>Takes requests from the caller, as fast as they are carried out.</summary>
    public async Task ReadRequestsAsync(CancellationToken cancellationToken)
    {
        while (await _stream.ReadAsync(cancellationToken).ConfigureAwait(false) is { } request)
        {
            await _requests.Writer.WriteAsync(request, cancellationToken).ConfigureAwait(false);
            _wake.Writer.TryWrite(true);
        }
    }

    /// <summary>Carries out requests and sends events, until the call ends.</summary>
    public async Task WriteResponsesAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_requests.Reader.TryRead(out WatchRequest? request))
            {
                await HandleAsync(request, cancellationToken).ConfigureAwait(false);
            }
            else if (_ready.TryDequeue(out StreamWatch? watch))
            {
                await AdvanceAsync(watch, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await TellProgressAsync(cancellationToken).ConfigureAwait(false);
                await _wake.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public void Dispose()
    {
        _progressTimer?.Dispose();
        foreach (long id in _watches.Keys)
        {
            Remove(id);
        }
    }

    private ValueTask HandleAsync(WatchRequest request, CancellationToken cancellationToken)
    {
        switch (request.RequestUnionCase)
        {
            case WatchRequest.RequestUnionOneofCase.CreateRequest:
                return CreateAsync(request.CreateRequest, cancellationToken);
            case WatchRequest.RequestUnionOneofCase.CancelRequest:
                return CancelAsync(request.CancelRequest.WatchId, cancellationToken);
            case WatchRequest.RequestUnionOneofCase.ProgressRequest:
                _progressRequested = true;
                return ValueTask.CompletedTask;
            default:
                // A request of a kind that is not known yet; the other watches go on.
                return ValueTask.CompletedTask;
        }
    }

    private async ValueTask CreateAsync(WatchCreateRequest request, CancellationToken cancellationToken)
    {
        if (Refusal(request) is { } reason)
        {
            await _stream.WriteAsync(
                new WatchResponse
                {
                    Header = _core.Header(),
                    WatchId = NoWatch,
                    Created = true,
                    Canceled = true,
                    CancelReason = reason,
                },
                cancellationToken).ConfigureAwait(false);
            return;
        }

        ByteString key = request.Key.IsEmpty ? FirstKey : request.Key;
        WatchOptions options = new(Messages.ToRange(key, request.RangeEnd), request.StartRevision)
        {
            NoPut = request.Filters.Contains(WatchCreateRequest.Types.FilterType.Noput),
            NoDelete = request.Filters.Contains(WatchCreateRequest.Types.FilterType.Nodelete),
        };
        StreamWatch watch = new(request, PickId(request.WatchId), Enqueue) { Watcher = null! };
        watch.Watcher = _hub.Add(options, watch, out long revision);
        _watches.Add(watch.Id, watch);
        _core.Metrics.AddWatches(1);
        if (watch.WantsProgress && _progressTimer is null)
        {
            TimeSpan interval = _core.Options.WatchProgressInterval;
            _progressTimer = _core.Options.TimeProvider.CreateTimer(
                static state => ((WatchStream)state!).SetProgressDue(), this, interval, interval);
        }

        await _stream.WriteAsync(
            new WatchResponse { Header = _core.Header(revision), WatchId = watch.Id, Created = true },
            cancellationToken).ConfigureAwait(false);
        Enqueue(watch);
    }

    private string? Refusal(WatchCreateRequest request)
    {
        bool isOpen = request.RangeEnd.Length == 1 && request.RangeEnd[0] == 0;
        if (!request.RangeEnd.IsEmpty && !isOpen &&
            request.Key.Span.SequenceCompareTo(request.RangeEnd.Span) >= 0)
        {
            return EmptyRange;
        }

        if (request.WatchId != 0 && _watches.ContainsKey(request.WatchId))
        {
            return DuplicateId;
        }

        if (request.StartRevision < 0)
        {
            return EtcdStatus.Compacted.Detail;
        }

        return _watches.Count >= _core.Options.WatchesPerStreamMax ? EtcdStatus.TooManyWatches.Detail : null;
    }

    private long PickId(long wanted)
    {
        if (wanted != 0)
        {
            return wanted;
        }

        while (_watches.ContainsKey(_nextId))
        {
            _nextId++;
        }

        return _nextId++;
    }

    private async ValueTask CancelAsync(long id, CancellationToken cancellationToken)
    {
        if (Remove(id))
        {
            await _stream.WriteAsync(
                new WatchResponse { Header = _core.Header(), WatchId = id, Canceled = true }, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private bool Remove(long id)
    {
        if (!_watches.Remove(id, out StreamWatch? watch))
        {
            return false;
        }

        watch.IsEnded = true;
        _hub.Cancel(watch.Watcher);
        _core.Metrics.AddWatches(-1);
        return true;
    }

    /// <summary>Sends some of what happened to a watch's keys; the rest has its turn after the other watches.</summary>
    private async ValueTask AdvanceAsync(StreamWatch watch, CancellationToken cancellationToken)
    {
        if (watch.IsEnded)
        {
            return;
        }

        WatchReading reading = _hub.Read(watch.Watcher);
        switch (reading.Outcome)
        {
            case WatchOutcome.Changes:
                await _events.SendAsync(watch, reading.Changes, cancellationToken).ConfigureAwait(false);
                _ready.Enqueue(watch);
                break;
            case WatchOutcome.Again:
                _ready.Enqueue(watch);
                break;
            case WatchOutcome.Compacted:
                Remove(watch.Id);
                await _stream.WriteAsync(
                    new WatchResponse
                    {
                        Header = _core.Header(0),
                        WatchId = watch.Id,
                        Canceled = true,
                        CompactRevision = reading.CompactedRevision,
                    },
                    cancellationToken).ConfigureAwait(false);
                break;
            default:
                // It calls when there is more, or it is over.
                break;
        }
    }

    /// <summary>Tells how far the watches are, where that was asked for and none has anything left to send.</summary>
    private async ValueTask TellProgressAsync(CancellationToken cancellationToken)
    {
        if (_progressDue)
        {
            _progressDue = false;
            foreach (StreamWatch watch in _watches.Values)
            {
                if (watch.WantsProgress && watch.TakeIdle() && _hub.ProgressOf([watch.Watcher]) is { } told)
                {
                    await _stream.WriteAsync(
                        new WatchResponse { Header = _core.Header(told), WatchId = watch.Id }, cancellationToken)
                        .ConfigureAwait(false);
                }
            }
        }

        if (_progressRequested && _hub.ProgressOf(_watches.Values.Select(static w => w.Watcher)) is { } revision)
        {
            _progressRequested = false;
            await _stream.WriteAsync(
                new WatchResponse { Header = _core.Header(revision), WatchId = NoWatch }, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private void SetProgressDue()
    {
        _progressDue = true;
        _wake.Writer.TryWrite(true);
    }

    private void Enqueue(StreamWatch watch)
    {
        _ready.Enqueue(watch);
        _wake.Writer.TryWrite(true);
    }
}

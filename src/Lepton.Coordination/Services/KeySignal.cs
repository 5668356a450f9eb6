using Google.Protobuf;
using Lepton.Coordination.State;
using Lepton.Coordination.Watch;

namespace Lepton.Coordination.Services;

/// <summary>
/// Tells that keys of this node's state change, without saying how. Take <see cref="NextAsync"/> first, look at the
/// state, then wait: no change gets lost between. Used by one caller at a time.
/// </summary>
internal sealed class KeySignal : IWatchSink, IDisposable
{
    private readonly WatchHub _hub;
    private readonly WatchOptions _options;
    private Watcher _watcher;
    private TaskCompletionSource _next = New();

    public KeySignal(WatchHub hub, ByteString key, ByteString rangeEnd)
    {
        _hub = hub;
        _options = new WatchOptions(Messages.ToRange(key, rangeEnd));
        _watcher = hub.Add(_options, this, out _);
    }

    /// <summary>Completes with the next change, or a little before.</summary>
    public Task NextAsync()
    {
        TaskCompletionSource next = New();
        Volatile.Write(ref _next, next);
        while (true)
        {
            switch (_hub.Read(_watcher).Outcome)
            {
                case WatchOutcome.Waiting:
                    return next.Task;
                case WatchOutcome.Compacted:
                    // What it has missed does not matter: the caller looks at the state next.
                    _watcher = _hub.Add(_options, this, out _);
                    break;
                default:
                    break;
            }
        }
    }

    /// <inheritdoc/>
    public void Ready(Watcher watcher) => Volatile.Read(ref _next).TrySetResult();

    public void Dispose() => _hub.Cancel(_watcher);

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

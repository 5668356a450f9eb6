using Lepton.Coordination.Protocol;
using Lepton.Coordination.Watch;

namespace Lepton.Coordination.Services;

/// <summary>One watch of a stream: what the client asked for, and its watcher.</summary>
internal sealed class StreamWatch(WatchCreateRequest request, long id, Action<StreamWatch> ready) : IWatchSink
{
    private bool _wasIdle = true;

    /// <summary>The stream's name for it.</summary>
    public long Id => id;

    /// <summary>Whether events come with what was before.</summary>
    public bool WithPrevious { get; } = request.PrevKv;

    /// <summary>Whether one revision may be sent in parts.</summary>
    public bool MayFragment { get; } = request.Fragment;

    /// <summary>Whether it is told the revision when nothing happens.</summary>
    public bool WantsProgress { get; } = request.ProgressNotify;

    /// <summary>Where its changes come from; set before anything is read.</summary>
    public required Watcher Watcher { get; set; }

    /// <summary>Whether it has ended.</summary>
    public bool IsEnded { get; set; }

    /// <inheritdoc/>
    public void Ready(Watcher watcher) => ready(this);

    /// <summary>Takes note that events were sent.</summary>
    public void SetBusy() => _wasIdle = false;

    /// <summary>Whether no events were sent since the last call.</summary>
    public bool TakeIdle()
    {
        bool idle = _wasIdle;
        _wasIdle = true;
        return idle;
    }
}

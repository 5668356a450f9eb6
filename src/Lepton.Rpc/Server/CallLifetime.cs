namespace Lepton.Rpc.Server;

/// <summary>
/// Ends a call's token for the first of three reasons and keeps which it was. The caller vanishing, the deadline and
/// the server's stop race with each other and with the handler's end.
/// </summary>
internal sealed class CallLifetime : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenRegistration _callerGone;
    private readonly CancellationTokenRegistration _serverStops;
    private readonly ITimer? _timer;
    private int _reason;

    public CallLifetime(
        TimeSpan? timeout, TimeProvider timeProvider, CancellationToken callerGone, CancellationToken serverStops)
    {
        if (timeout is { } time)
        {
            Deadline = timeProvider.GetUtcNow() + time;
            _timer = timeProvider.CreateTimer(
                static state => ((CallLifetime)state!).End(EndReason.Deadline), this, time,
                System.Threading.Timeout.InfiniteTimeSpan);
        }

        _callerGone = callerGone.UnsafeRegister(static state => ((CallLifetime)state!).End(EndReason.CallerGone), this);
        _serverStops = serverStops.UnsafeRegister(
            static state => ((CallLifetime)state!).End(EndReason.ServerStops), this);
    }

    /// <summary>Why a call ended before its handler did.</summary>
    internal enum EndReason
    {
        None,
        CallerGone,
        Deadline,
        ServerStops,
        Done,
    }

    public DateTimeOffset? Deadline { get; }

    public CancellationToken Token => _source.Token;

    /// <summary>Completes when the token is cancelled.</summary>
    public Task Ended => _ended.Task;

    public EndReason Reason => (EndReason)Volatile.Read(ref _reason);

    /// <summary>The status that the reason stands for; only where there is one.</summary>
    public RpcStatus Status => Reason switch
    {
        EndReason.Deadline => new RpcStatus(StatusCode.DeadlineExceeded,
            "the caller's deadline passed before the handler was done"),
        EndReason.ServerStops => new RpcStatus(StatusCode.Unavailable, "the server is stopping"),
        _ => new RpcStatus(StatusCode.Cancelled, "the caller cancelled the call"),
    };

    public void Dispose()
    {
        // The source itself stays: it holds nothing, and the timer's last callback may be under way.
        Interlocked.CompareExchange(ref _reason, (int)EndReason.Done, 0);
        _timer?.Dispose();
        _callerGone.Dispose();
        _serverStops.Dispose();
    }

    private void End(EndReason reason)
    {
        if (Interlocked.CompareExchange(ref _reason, (int)reason, 0) != 0)
        {
            return;
        }

        // The reason stands before anyone can see the cancellation. A handler's own callbacks run on the pool: they
        // must not hold up, or throw into, the timer or the connection that found the reason.
        _ended.TrySetResult();
        _ = _source.CancelAsync();
    }
}

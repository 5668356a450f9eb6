using System.Collections.Concurrent;

namespace Lepton.Coordination.Services;

/// <summary>
/// The time that a request may take at the server, as a token. Sources and their timers are used again: making both
/// anew for each request would cost more than most requests do.
/// </summary>
internal sealed class RequestDeadline
{
    private const int KeptMax = 1024;
    private static readonly Action<object?> Cancel = static state => ((CancellationTokenSource)state!).Cancel();
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _timeProvider;
    private readonly ConcurrentQueue<CancellationTokenSource> _spare = new();
    private int _spareCount;

    public RequestDeadline(TimeSpan timeout, TimeProvider timeProvider) =>
        (_timeout, _timeProvider) = (timeout, timeProvider);

    /// <summary>Starts the time. Give the result back, whatever became of the request.</summary>
    public Lease Start(CancellationToken callToken)
    {
        if (_timeProvider == TimeProvider.System && _spare.TryDequeue(out CancellationTokenSource? source))
        {
            Interlocked.Decrement(ref _spareCount);
            source.CancelAfter(_timeout);
        }
        else
        {
            source = new CancellationTokenSource(_timeout, _timeProvider);
        }

        return new Lease(this, source, callToken.UnsafeRegister(Cancel, source));
    }

    private void Return(CancellationTokenSource source)
    {
        if (_timeProvider == TimeProvider.System && Volatile.Read(ref _spareCount) < KeptMax && source.TryReset())
        {
            Interlocked.Increment(ref _spareCount);
            _spare.Enqueue(source);
            return;
        }

        source.Dispose();
    }

    /// <summary>One request's time.</summary>
    internal readonly struct Lease(
        RequestDeadline owner, CancellationTokenSource source, CancellationTokenRegistration registration) : IDisposable
    {
        /// <summary>Cancelled when the time is over or the caller is gone.</summary>
        public CancellationToken Token => source.Token;

        public void Dispose()
        {
            registration.Dispose();
            owner.Return(source);
        }
    }
}

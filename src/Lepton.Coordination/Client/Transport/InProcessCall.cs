using Lepton.Coordination.Services;
using Lepton.Rpc;

namespace Lepton.Coordination.Client.Transport;

/// <summary>What ends one call within this process before its handler does, and what that is called.</summary>
internal sealed class InProcessCall : IDisposable
{
    private readonly string _path;
    private readonly LocalServices _services;
    private readonly TimeSpan? _timeout;
    private readonly CancellationToken _callerToken;
    private readonly CancellationTokenSource? _deadline;
    private readonly CancellationTokenSource _cancellation;

    /// <summary>Starts the call's time.</summary>
    /// <param name="services">Whom it calls.</param>
    /// <param name="path">The method.</param>
    /// <param name="timeout">How long it may take; null for as long as it likes.</param>
    /// <param name="timeProvider">The clock of that.</param>
    /// <param name="closed">Cancelled when the client is disposed.</param>
    /// <param name="callerToken">The caller's own.</param>
    public InProcessCall(
        LocalServices services, string path, TimeSpan? timeout, TimeProvider timeProvider, CancellationToken closed,
        CancellationToken callerToken)
    {
        callerToken.ThrowIfCancellationRequested();
        (_services, _path, _timeout, _callerToken) = (services, path, timeout, callerToken);
        _deadline = timeout is { } time ? new CancellationTokenSource(time, timeProvider) : null;
        _cancellation = CancellationTokenSource.CreateLinkedTokenSource(
            [callerToken, closed, services.Stopping, _deadline?.Token ?? CancellationToken.None]);
        Token = _cancellation.Token;
    }

    /// <summary>Cancelled when nobody wants the result any more, or the member stops.</summary>
    public CancellationToken Token { get; }

    /// <summary>Ends the call.</summary>
    public Task CancelAsync() => _cancellation.CancelAsync();

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
                $"The call of {_path} at {_services.Endpoint} was cancelled by its caller.", e, _callerToken);
        }

        if (_deadline?.IsCancellationRequested == true)
        {
            return new RpcException(
                StatusCode.DeadlineExceeded,
                $"its deadline of {_timeout!.Value.TotalSeconds:0.###} s passed before the call ended", e)
            {
                Party = RpcParty.Caller,
            };
        }

        if (_services.Stopping.IsCancellationRequested)
        {
            return new RpcException(StatusCode.Unavailable, "the server is stopping", e);
        }

        if (Token.IsCancellationRequested)
        {
            return new OperationCanceledException(
                $"The call of {_path} at {_services.Endpoint} was disposed before it ended.", e);
        }

        return e is OperationCanceledException
            ? new RpcException(StatusCode.Cancelled, $"the handler of {_path} cancelled the call", e)
            : new RpcException(StatusCode.Unknown, $"the handler of {_path} failed with {e.GetType().Name}", e);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cancellation.Dispose();
        _deadline?.Dispose();
    }
}

using Google.Protobuf;
using Lepton.Coordination.Client.Failures;
using Lepton.Rpc;

namespace Lepton.Coordination.Client.Transport;

/// <summary>Makes unary calls: at the server in use, with a deadline, again and elsewhere where that is safe.</summary>
internal sealed class CallRunner(EndpointRing ring, CoordinationClientOptions options, Jitter jitter)
{
    private static readonly TimeSpan s_pauseFirst = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan s_attemptMin = TimeSpan.FromMilliseconds(1);

    /// <summary>Makes a call.</summary>
    /// <param name="method">The method.</param>
    /// <param name="request">Its request; sent again where the call is.</param>
    /// <param name="call">What it is.</param>
    /// <param name="timeout">For all attempts together; null is the client's.</param>
    /// <param name="cancellationToken">Gives up waiting; a write that is on its way may still take effect.</param>
    /// <returns>The answer, and the server that gave it.</returns>
    /// <exception cref="CoordinationException">The call failed for good.</exception>
    public async Task<CallAnswer<TResponse>> RunAsync<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, TRequest request, CallDescription call, TimeSpan? timeout,
        CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        TimeSpan total = timeout ?? options.CallTimeout;
        if (total <= TimeSpan.Zero)
        {
            throw new ArgumentOutOfRangeException(
                nameof(timeout), total, $"The timeout of {call.What} must be above 0; leave it null for the client's.");
        }

        long startedAt = options.TimeProvider.GetTimestamp();
        FailedAttempt? before = null;
        for (int attempt = 1; ; attempt++)
        {
            TimeSpan left = total - options.TimeProvider.GetElapsedTime(startedAt);
            ICoordinationTransport transport = ring.Current;
            try
            {
                TResponse response = await transport.UnaryAsync(
                    method, request, new TransportCallOptions(TimeFor(call.Kind, left), call.NeedsLeader),
                    cancellationToken).ConfigureAwait(false);
                return new CallAnswer<TResponse>(response, transport.Endpoint);
            }
            catch (RpcException e)
            {
                FailedAttempt told = Told(new FailedAttempt(e, transport.Endpoint, null), before, call.Kind);
                await AfterFailureAsync(e, told, call, transport, attempt, total, startedAt, cancellationToken)
                    .ConfigureAwait(false);
                before = told;
            }
        }
    }

    /// <summary>
    /// That the time was over says less than what went wrong until then, which is told instead. Of a write the last
    /// attempt alone says whether it may have taken effect, so what was before is told beside it.
    /// </summary>
    private static FailedAttempt Told(FailedAttempt last, FailedAttempt? before, CallKind kind) =>
        before is null || last.Failure.StatusCode != StatusCode.DeadlineExceeded ? last
        : kind == CallKind.Read ? before
        : last with { Before = before.Failure };

    private async Task AfterFailureAsync(
        RpcException e, FailedAttempt told, CallDescription call, ICoordinationTransport transport, int attempt,
        TimeSpan total, long startedAt, CancellationToken cancellationToken)
    {
        RetryVerdict verdict = RetryPolicy.Judge(call.Kind, e);
        if (verdict != RetryVerdict.Fail)
        {
            ring.MoveOn(transport);
        }

        TimeSpan pause = PauseAfter(attempt);
        bool timeLeft = options.TimeProvider.GetElapsedTime(startedAt) + pause < total;
        if (verdict != RetryVerdict.RetryElsewhere || !timeLeft)
        {
            throw FailureText.Of(told.Failure, call.Kind, call.What, told.Endpoint, attempt, told.Before);
        }

        if (pause > TimeSpan.Zero)
        {
            await Task.Delay(pause, options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The next server is asked at once; a pause comes when all have failed.</summary>
    private TimeSpan PauseAfter(int attempt) => attempt % ring.All.Count == 0
        ? jitter.Pause((attempt / ring.All.Count) - 1, s_pauseFirst)
        : TimeSpan.Zero;

    private TimeSpan TimeFor(CallKind kind, TimeSpan left)
    {
        // A pause may have taken a little longer than it should; the attempt that was promised is made all the same.
        left = left > s_attemptMin ? left : s_attemptMin;
        return kind == CallKind.Write || left < options.AttemptTimeout ? left : options.AttemptTimeout;
    }

    private sealed record FailedAttempt(RpcException Failure, string Endpoint, RpcException? Before);
}

using Google.Protobuf;
using Lepton.Coordination.Client;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.Recipes;
using Lepton.Coordination.Tests.Client;
using Lepton.Rpc;

namespace Lepton.Coordination.Tests.Recipes;

/// <summary>A session against a server that answers as a test wants, by a clock that only the test moves.</summary>
public sealed class LeaseSessionTests : CoordinationTest
{
    private static readonly TimeSpan s_ttl = TimeSpan.FromSeconds(6);
    private readonly ManualClock _clock = new();

    [Fact]
    public async Task Trap28_NoAnswerAtAll_LostAtTheDeadlineByTheClockAlone()
    {
        using CoordinationClient client = NewClient(_ => Pending());
        LeaseSession session = await StartAsync(client);
        await _clock.SomebodyWaitsAsync(s_ttl / 3);
        _clock.Advance(s_ttl / 3);
        Assert.True(session.IsAlive);
        Assert.Equal(TimeSpan.FromSeconds(3.4), session.TimeLeft);

        _clock.Advance(TimeSpan.FromSeconds(3.39));
        Assert.False(session.Lost.IsCancellationRequested);
        _clock.Advance(TimeSpan.FromSeconds(0.02));
        await Step(Cancelled(session.Lost), "the session is lost at its deadline");
        Assert.Equal((LeaseLoss.DeadlinePassed, TimeSpan.Zero), (session.Loss, session.TimeLeft));
        Assert.Throws<LeaseLostException>(session.ThrowIfLost);
        await session.StopAsync();
    }

    [Fact]
    public async Task IsAlive_ProcessWasPaused_TellsTheTruthBeforeAnyTimer()
    {
        PausedClock paused = new(_clock);
        using CoordinationClient inPause = new(
            new CoordinationClientOptions { TimeProvider = paused }, [Server(_ => Pending())]);
        LeaseSession session = await StartAsync(inPause);
        Assert.True(session.IsAlive);

        // The clock has moved on, as while a process was stopped; its timers have not fired yet.
        _clock.Advance(s_ttl);
        Assert.False(session.IsAlive);
        Assert.Equal(LeaseLoss.DeadlinePassed, session.Loss);
        await session.StopAsync();
    }

    [Fact]
    public async Task KeepAlive_Answered_MovesTheDeadline()
    {
        using CoordinationClient client = NewClient(request => Task.FromResult<IMessage>(
            new LeaseKeepAliveResponse { ID = request.ID, TTL = 6 }));
        LeaseSession session = await StartAsync(client);
        for (int beat = 0; beat < 10; beat++)
        {
            await Step(_clock.SomebodyWaitsAsync(s_ttl / 3), "the session waits for its next beat");
            _clock.Advance(s_ttl / 3);
        }

        await Step(_clock.SomebodyWaitsAsync(s_ttl / 3), "the session waits for its next beat");
        Assert.True(session.IsAlive);
        Assert.Equal(TimeSpan.FromSeconds(5.4), session.TimeLeft);
        await session.StopAsync();
    }

    [Fact]
    public async Task KeepAlive_AnsweredAfterTheDeadline_StaysLost()
    {
        TaskCompletionSource<IMessage> answer = new();
        TaskCompletionSource sent = new();
        using CoordinationClient client = NewClient(_ =>
        {
            sent.TrySetResult();
            return answer.Task;
        });
        LeaseSession session = await StartAsync(client);
        await _clock.SomebodyWaitsAsync(s_ttl / 3);
        _clock.Advance(s_ttl / 3);
        await Step(sent.Task, "the keep-alive is sent");
        _clock.Advance(TimeSpan.FromSeconds(4));
        await Step(Cancelled(session.Lost), "the session is lost at its deadline");
        answer.SetResult(new LeaseKeepAliveResponse { ID = 1, TTL = 6 });
        Assert.False(session.IsAlive);
        await session.StopAsync();
        Assert.Equal(LeaseLoss.DeadlinePassed, session.Loss);
    }

    [Fact]
    public async Task Trap28_ServerSaysTheLeaseHasEnded_LostAtOnce()
    {
        using CoordinationClient client = NewClient(request => Task.FromResult<IMessage>(
            new LeaseKeepAliveResponse { ID = request.ID, TTL = 0 }));
        LeaseSession session = await StartAsync(client);
        await _clock.SomebodyWaitsAsync(s_ttl / 3);
        _clock.Advance(s_ttl / 3);
        await Step(Cancelled(session.Lost), "the session is lost when the server says so");
        Assert.Equal(LeaseLoss.LeaseEnded, session.Loss);
        await session.StopAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Acquire_GivenUpWhileThePutIsOnItsWay_TheKeyIsDeletedUntilItCanComeNoMore(bool isCancelled)
    {
        TaskCompletionSource<IMessage> put = new();
        TaskCompletionSource<string> sent = new();
        List<string> deleted = [];
        using CoordinationClient client = new(
            new CoordinationClientOptions { TimeProvider = _clock },
            [Server(
                request => Task.FromResult<IMessage>(new LeaseKeepAliveResponse { ID = request.ID, TTL = 6 }),
                txn =>
                {
                    if (txn.Success[0].RequestPut is { } own)
                    {
                        sent.TrySetResult(own.Key.ToStringUtf8());
                        return put.Task;
                    }

                    Assert.Equal(Compare.Types.CompareTarget.Lease, txn.Compare[0].Target);
                    lock (deleted)
                    {
                        deleted.Add(txn.Success[0].RequestDeleteRange.Key.ToStringUtf8());
                    }

                    return Task.FromResult<IMessage>(new TxnResponse { Header = new ResponseHeader() });
                })]);
        LeaseSession session = await StartAsync(client);
        using CancellationTokenSource giveUp = new();
        Task<HeldLock> acquiring = new DistributedLock(session, "l").AcquireAsync(giveUp.Token);
        string key = await Step(sent.Task, "the place is asked for");
        if (isCancelled)
        {
            await giveUp.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Step(acquiring, "the attempt ends"));
        }
        else
        {
            put.SetException(new RpcException(StatusCode.Internal, "a bug"));
            await Assert.ThrowsAsync<OutcomeUnknownException>(() => Step(acquiring, "the attempt ends"));
        }

        // At once, and with each beat for half a minute, in which the put may come to be.
        Assert.Equal([key], deleted);
        for (int beat = 0; beat < 20; beat++)
        {
            await Step(_clock.SomebodyWaitsAsync(s_ttl / 3), "the session waits for its next beat");
            _clock.Advance(s_ttl / 3);
        }

        await Step(_clock.SomebodyWaitsAsync(s_ttl / 3), "the session waits for its next beat");
        Assert.Equal(Enumerable.Repeat(key, 16), deleted);
        await session.StopAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(1.5)]
    [InlineData(100_000)]
    public async Task Start_TtlOutOfBounds_IsRefused(double seconds)
    {
        using CoordinationClient client = NewClient(_ => Pending());
        ArgumentException e = await Assert.ThrowsAsync<ArgumentException>(() => LeaseSession.StartAsync(
            client, new LeaseSessionOptions { Ttl = TimeSpan.FromSeconds(seconds) }));
        Assert.Contains("whole seconds, from 1 s to a day", e.Message, StringComparison.Ordinal);
    }

    private static Task<IMessage> Pending() => new TaskCompletionSource<IMessage>().Task;

    private static StubTransport Server(
        Func<LeaseKeepAliveRequest, Task<IMessage>> keepAlive, Func<TxnRequest, Task<IMessage>>? txns = null) =>
        new("stub", request => request switch
        {
            LeaseGrantRequest grant => Task.FromResult<IMessage>(
                new LeaseGrantResponse { ID = grant.ID, TTL = grant.TTL }),
            LeaseKeepAliveRequest beat => keepAlive(beat),
            TxnRequest txn => txns!(txn),
            _ => Task.FromResult<IMessage>(new LeaseRevokeResponse()),
        });

    private static Task<LeaseSession> StartAsync(CoordinationClient client) =>
        LeaseSession.StartAsync(client, new LeaseSessionOptions { Ttl = s_ttl });

    private CoordinationClient NewClient(Func<LeaseKeepAliveRequest, Task<IMessage>> keepAlive) =>
        new(new CoordinationClientOptions { TimeProvider = _clock }, [Server(keepAlive)]);

    /// <summary>A clock that goes on while timers stand still.</summary>
    private sealed class PausedClock(TimeProvider time) : TimeProvider
    {
        public override long TimestampFrequency => time.TimestampFrequency;

        public override long GetTimestamp() => time.GetTimestamp();

        public override ITimer CreateTimer(
            TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new StoppedTimer();

        private sealed class StoppedTimer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}

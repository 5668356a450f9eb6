using System.Text.Json;
using System.Threading.Channels;
using Lepton.Coordination.Client;
using Lepton.Coordination.Recipes;

namespace Lepton.Training.Launch;

/// <summary>
/// Launchers that meet at a coordination store: the host of <see cref="RendezvousCore"/>. One task reads what the store
/// holds whenever it changed, and carries out what the core wants; what ranks do reaches it by a channel.
/// </summary>
/// <remarks>
/// Keys: <c>lepton/rendezvous/ID/nodes/NODE</c>, each with its launcher's lease, and <c>lepton/rendezvous/ID/round</c>.
/// A store that can't be reached ends nothing: ranks train on, until the others take this launcher for gone because its
/// lease ran out.
/// </remarks>
internal sealed class StoreRendezvous : IRendezvous
{
    private static readonly TimeSpan s_lookInterval = TimeSpan.FromMilliseconds(250);
    private readonly RendezvousOptions _options;
    private readonly RoundNode _me;
    private readonly int _restartsMax;
    private readonly Action<RendezvousEvent> _tell;
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly CoordinationClient _client;
    private readonly string _prefix;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly Lock _gate = new();
    private RendezvousNode _mine;
    private RendezvousNode? _written;
    private Task _loop = Task.CompletedTask;
    private string _lastTrouble = "";

    public StoreRendezvous(
        RendezvousOptions options, RoundNode me, int restartsMax, Action<RendezvousEvent> tell)
    {
        (_options, _me, _restartsMax, _tell) = (options, me, restartsMax, tell);
        _mine = new RendezvousNode(me);
        _client = new CoordinationClient(
            new CoordinationClientOptions { Endpoints = options.Endpoints, Tls = options.Tls });
        _prefix = $"lepton/rendezvous/{options.Id}/";
    }

    private TimeSpan Now => _time.GetElapsedTime(0);

    public void Start() => _loop = Task.Run(RunAsync);

    public void Failed(int round, RoundCause cause, bool isOver) =>
        Say(mine => mine with { FailedRound = round, Cause = cause });

    public void Done(int round) => Say(mine => mine with { DoneRound = round });

    public void Leave() => Say(static mine => mine with { IsLeaving = true });

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _client.Dispose();
        _stopping.Dispose();
    }

    private void Say(Func<RendezvousNode, RendezvousNode> change)
    {
        lock (_gate)
        {
            _mine = change(_mine);
        }

        _changed.Writer.TryWrite(true);
    }

    private async Task RunAsync()
    {
        Task watch = WatchAsync();
        try
        {
            await JoinAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The last stop: nobody waits for this task while ranks run.
            _tell(new RendezvousEvent(RendezvousEventKind.GiveUp, null, e.Message));
        }

        await watch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task JoinAsync()
    {
        TimeSpan lostAt = Now;
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                LeaseSession session = await LeaseSession.StartAsync(
                    _client, new LeaseSessionOptions { Ttl = _options.LeaseTime }, _stopping.Token)
                    .ConfigureAwait(false);
                await using (session.ConfigureAwait(false))
                {
                    await TakePartAsync(session).ConfigureAwait(false);
                    lostAt = Now;
                }
            }
            catch (CoordinationException e) when (Now - lostAt < _options.WaitTimeMax)
            {
                await TroubleAsync(e).ConfigureAwait(false);
            }
        }
    }

    private async Task TakePartAsync(LeaseSession session)
    {
        _written = null;
        var core = new RendezvousCore(_me.Id, _options, _restartsMax);
        while (session.IsAlive)
        {
            try
            {
                await WriteMineAsync(session).ConfigureAwait(false);
                await StepAsync(core).ConfigureAwait(false);
                _lastTrouble = "";
            }
            catch (CoordinationException e)
            {
                await TroubleAsync(e).ConfigureAwait(false);
            }

            await NextLookAsync().ConfigureAwait(false);
        }

        _tell(new RendezvousEvent(
            RendezvousEventKind.End, null,
            "the coordination store took this launcher for gone; its ranks end, and it joins again"));
    }

    private async Task WriteMineAsync(LeaseSession session)
    {
        RendezvousNode mine;
        lock (_gate)
        {
            mine = _mine;
        }

        if (mine != _written)
        {
            await _client.PutAsync(
                $"{_prefix}nodes/{_me.Id}",
                JsonSerializer.SerializeToUtf8Bytes(mine, RendezvousJson.Default.RendezvousNode),
                new PutOptions { Lease = session.Lease }, _stopping.Token).ConfigureAwait(false);
            _written = mine;
        }
    }

    private async Task StepAsync(RendezvousCore core)
    {
        RangeResult found = await _client.RangeAsync(KeyRange.Prefix(_prefix), null, _stopping.Token)
            .ConfigureAwait(false);
        KeyValue? round = found.Entries.FirstOrDefault(entry => entry.Key == (Bytes)RoundKey);
        RendezvousNode[] nodes =
        [
            .. found.Entries.Where(entry => entry.Key != (Bytes)RoundKey)
                .OrderBy(static entry => entry.CreateRevision)
                .Select(static entry => Read(entry, RendezvousJson.Default.RendezvousNode)),
        ];
        var view = new RendezvousView(nodes, round is null ? null : Read(round, RendezvousJson.Default.Round));
        RendezvousStep step = core.Step(view, Now);
        if (step.Tell is { } told)
        {
            _tell(told);
        }

        if (step.Publish is { } next)
        {
            // Only in the place of what was seen: whoever else leads by now has put another one there.
            await _client.CommitAsync(
                Txn.If(Condition.ModRevision(RoundKey, Comparison.Equal, round?.ModRevision ?? Revision.None))
                    .Then(Operation.Put(
                        RoundKey, JsonSerializer.SerializeToUtf8Bytes(next, RendezvousJson.Default.Round))),
                cancellationToken: _stopping.Token).ConfigureAwait(false);
        }
    }

    private string RoundKey => _prefix + "round";

    private static T Read<T>(KeyValue entry, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(entry.Value.Span, type) ?? throw new JsonException("null says nothing");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException(
                $"'{entry.Key}' holds '{entry.Value}', which no launcher wrote. Something else writes this key: give " +
                "another --rdzv-id, or delete the key.", e);
        }
    }

    private async Task WatchAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await foreach (WatchBatch _ in _client.WatchAsync(
                    KeyRange.Prefix(_prefix), null, _stopping.Token).ConfigureAwait(false))
                {
                    _changed.Writer.TryWrite(true);
                }
            }
            catch (CoordinationException)
            {
                // The reads that go on by the clock tell of it.
                await Task.Delay(s_lookInterval, _time, _stopping.Token).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Waits for a change, or for the time of the rules that go by the clock.</summary>
    private async Task NextLookAsync()
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        await Task.WhenAny(
            _changed.Reader.WaitToReadAsync(over.Token).AsTask(),
            Task.Delay(s_lookInterval, _time, over.Token)).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
        _changed.Reader.TryRead(out _);
        _stopping.Token.ThrowIfCancellationRequested();
    }

    private async Task TroubleAsync(CoordinationException e)
    {
        if (_lastTrouble != e.Message)
        {
            _lastTrouble = e.Message;
            _tell(new RendezvousEvent(RendezvousEventKind.Tell, null, $"the coordination store: {e.Message}"));
        }

        await Task.Delay(s_lookInterval, _time, _stopping.Token).ConfigureAwait(false);
    }
}

using System.Globalization;
using Lepton.Rpc;
using Lepton.Rpc.Client;
using Lepton.Training.Protocol;

namespace Lepton.Training.ParameterServer.Workers;

/// <summary>
/// A worker's way to one server: finds the copy that serves, and asks again what was not answered when that dies. One
/// question at a time; beats beside it.
/// </summary>
internal sealed class ServerConnection : IAsyncDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_leaveTimeMax = TimeSpan.FromSeconds(2);
    private readonly ParameterClientOptions _options;
    private readonly TimeProvider _time;
    private readonly int _server;
    private readonly RpcChannel[] _channels;
    private readonly Configuration _configuration;
    private RpcDuplexCall<FromWorker, ToWorker>? _call;
    private Welcome? _welcome;
    private int _copy;
    private bool _isNew = true;

    public ServerConnection(
        ParameterClientOptions options, int server, Configuration configuration, TimeProvider time)
    {
        (_options, _server, _configuration, _time) = (options, server, configuration, time);
        _channels = [.. options.Servers[server].Select(address => new RpcChannel(
            address, new RpcChannelOptions { BearerToken = options.Token, TimeProvider = time }))];
    }

    /// <summary>Where this worker's clock stood when it came.</summary>
    public long FirstClock { get; private set; }

    /// <summary>Comes for the first time, and brings values where there are none.</summary>
    public Task OpenAsync(Func<List<Chunk>> firstValues, CancellationToken cancellation) => AskAsync(
        async call =>
        {
            if (_welcome!.WantsValues)
            {
                await call.WriteManyAsync(
                    [
                        .. firstValues().Select(static chunk => new FromWorker { Chunk = chunk }),
                        new FromWorker { Initial = new Initial() },
                    ],
                    cancellation).ConfigureAwait(false);
            }

            return true;
        },
        cancellation);

    /// <summary>Brings gradients; done when they are taken, and the backup has them.</summary>
    public Task PushAsync(List<Chunk> chunks, Gradients gradients, CancellationToken cancellation) => AskAsync(
        async call =>
        {
            await call.WriteManyAsync(
                [
                    .. chunks.Select(static chunk => new FromWorker { Chunk = chunk }),
                    new FromWorker { Gradients = gradients },
                ],
                cancellation).ConfigureAwait(false);
            while (await ReadAsync(call, cancellation).ConfigureAwait(false) is { } message)
            {
                if (message.Acknowledged is { } taken && taken.Clock == gradients.Clock)
                {
                    return true;
                }
            }

            return false;
        },
        cancellation);

    /// <summary>Gets the values, as soon as the worker's clock allows.</summary>
    /// <param name="clock">How many gradients it has pushed.</param>
    /// <param name="row">Where they go.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task PullAsync(long clock, Memory<float> row, CancellationToken cancellation) => AskAsync(
        async call =>
        {
            await call.WriteAsync(new FromWorker { Wanted = new Wanted { Clock = clock } }, cancellation)
                .ConfigureAwait(false);
            while (await ReadAsync(call, cancellation).ConfigureAwait(false) is { } message)
            {
                switch (message.KindCase)
                {
                    case ToWorker.KindOneofCase.Chunk:
                        ShareChunks.Fill(row.Span, message.Chunk);
                        break;
                    case ToWorker.KindOneofCase.Values:
                        return true;
                }
            }

            return false;
        },
        cancellation);

    /// <summary>Says that this worker lives. A stream that is broken shows when something is asked.</summary>
    public Task BeatAsync(CancellationToken cancellation) =>
        MentionAsync(new FromWorker { Beat = new Beat() }, cancellation);

    /// <summary>Says that this worker is done. Where that does not arrive, its lease ends.</summary>
    public async Task LeaveAsync()
    {
        using var limit = new CancellationTokenSource(s_leaveTimeMax, _time);
        await MentionAsync(new FromWorker { Goodbye = new Goodbye() }, limit.Token).ConfigureAwait(false);
        if (_call is { } call)
        {
            call.Complete();
            try
            {
                // The server ends its side when it has read all.
                while (await call.ReadAsync(limit.Token).ConfigureAwait(false) is not null)
                {
                }
            }
            catch (Exception e) when (e is RpcException or OperationCanceledException)
            {
                // As said above.
                return;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await HangUpAsync().ConfigureAwait(false);
        foreach (RpcChannel channel in _channels)
        {
            channel.Dispose();
        }
    }

    private async Task MentionAsync(FromWorker message, CancellationToken cancellation)
    {
        if (Volatile.Read(ref _call) is { } call)
        {
            try
            {
                await call.WriteAsync(message, cancellation).ConfigureAwait(false);
            }
            catch (Exception e) when (e is RpcException or InvalidOperationException)
            {
                // A question that is asked later finds the stream broken too, and deals with it.
                return;
            }
        }
    }

    private async Task AskAsync(
        Func<RpcDuplexCall<FromWorker, ToWorker>, Task<bool>> ask, CancellationToken cancellation)
    {
        long startedAt = _time.GetTimestamp();
        bool isPrimaryGone = false;
        while (true)
        {
            string trouble;
            try
            {
                RpcDuplexCall<FromWorker, ToWorker>? call = _call ?? await CallAsync(isPrimaryGone, cancellation)
                    .ConfigureAwait(false);
                if (call is not null && await ask(call).ConfigureAwait(false))
                {
                    return;
                }

                trouble = call is null ? "it is the backup, and hears its primary" : "it ended the stream";
            }
            catch (RpcException e)
            {
                if (e.StatusCode is StatusCode.Unauthenticated or StatusCode.InvalidArgument)
                {
                    throw new ParameterServerException(e.Message, e);
                }

                trouble = e.Message;
                isPrimaryGone = true;
            }

            if (_time.GetElapsedTime(startedAt) > _options.FailoverTimeMax)
            {
                throw new ParameterServerException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"Server {_server} ({string.Join(", ", _options.Servers[_server])}) can't be reached by worker " +
                    $"{_options.Worker}: {trouble}. Both copies may be dead; look at their logs, and start the " +
                    $"training again."));
            }

            await HangUpAsync().ConfigureAwait(false);
            _copy = (_copy + 1) % _channels.Length;
            await Task.Delay(s_pause, _time, cancellation).ConfigureAwait(false);
        }
    }

    // Null where the copy is a backup that does not serve.
    private async Task<RpcDuplexCall<FromWorker, ToWorker>?> CallAsync(
        bool isPrimaryGone, CancellationToken cancellation)
    {
        RpcDuplexCall<FromWorker, ToWorker> call = _channels[_copy].OpenDuplex(
            ParameterProtocol.Attach, cancellationToken: CancellationToken.None);
        _call = call;
        await call.WriteAsync(
            new FromWorker
            {
                Hello = new Hello
                {
                    Worker = _options.Worker,
                    IsNew = _isNew,
                    PrimaryIsGone = isPrimaryGone,
                    Configuration = _configuration,
                },
            },
            cancellation).ConfigureAwait(false);
        ToWorker? answer = await call.ReadAsync(cancellation).ConfigureAwait(false);
        if (answer is null || answer.Refusal is { IsBackup: true })
        {
            return null;
        }

        Refuse(answer);
        _welcome = answer.Welcome ?? throw new ParameterServerException(
            $"{_channels[_copy].Address} answered a worker with {answer.KindCase}. Give workers and servers one " +
            "version.");
        if (_isNew)
        {
            FirstClock = _welcome.Clock;
            _isNew = false;
        }

        return call;
    }

    private async Task<ToWorker?> ReadAsync(
        RpcDuplexCall<FromWorker, ToWorker> call, CancellationToken cancellation)
    {
        ToWorker? message = await call.ReadAsync(cancellation).ConfigureAwait(false);
        if (message is not null)
        {
            Refuse(message);
        }

        return message;
    }

    private void Refuse(ToWorker message)
    {
        if (message.Refusal is { } refusal)
        {
            throw new ParameterServerException(
                $"Server {_server} ({_channels[_copy].Address}) refuses worker {_options.Worker}: {refusal.Reason}.");
        }
    }

    private async Task HangUpAsync()
    {
        if (Interlocked.Exchange(ref _call, null) is { } call)
        {
            await call.DisposeAsync().ConfigureAwait(false);
        }
    }
}

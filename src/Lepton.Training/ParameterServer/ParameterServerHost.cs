using Lepton.Rpc;
using Lepton.Rpc.Server;
using Lepton.Training.ParameterServer.Launching;
using Lepton.Training.ParameterServer.Serving;
using Lepton.Training.Protocol;

namespace Lepton.Training.ParameterServer;

/// <summary>
/// A parameter server: holds a share of a model's values, takes workers' gradients in, and steps the optimizer (Li et
/// al., "Scaling Distributed Machine Learning with the Parameter Server", 2014). It serves one training. With a backup,
/// which is another one with the first as its <see cref="ParameterServerSettings.Peer"/>, nothing is acknowledged that
/// the backup does not have; when the primary dies, workers go on with the backup.
/// </summary>
/// <remarks>
/// <c>lepton train PROJECT --servers N</c> starts servers with backups and starts dead ones again; on several machines
/// they are started by <c>lepton parameter-server</c>. Thread safe.
/// </remarks>
public sealed class ParameterServerHost : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ServerLoop _loop;
    private RpcServer? _server;

    private ParameterServerHost(ServerLoop loop) => _loop = loop;

    /// <summary>Where workers and the other copy reach it.</summary>
    public Uri Address => _server!.Address;

    /// <summary>Ends when it is disposed of; fails where it can't go on, such as a backup that gets no state.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>Starts a server.</summary>
    /// <exception cref="ArgumentException">Settings are wrong; the message has all that are.</exception>
    /// <exception cref="RpcBindException">It can't listen, such as where the port is in use.</exception>
    public static async Task<ParameterServerHost> StartAsync(
        ParameterServerSettings settings, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(settings);
        settings.Validate();
        TimeProvider time = TimeProvider.System;
        var host = new ParameterServerHost(new ServerLoop(settings, time));
        var services = new RpcServices();
        services.MapDuplex(ParameterProtocol.Attach, host.AttachAsync);
        services.MapDuplex(ParameterProtocol.Replicate, host.ReplicateAsync);
        host._server = await RpcServer.StartAsync(
            services,
            new RpcServerOptions
            {
                EndPoint = settings.EndPoint,
                Authenticator = BearerToken.Authenticator(settings.Token),
                SendsExceptionMessages = true,
            },
            cancellationToken).ConfigureAwait(false);
        host.Completion = host.RunAsync(settings, time);
        return host;
    }

    /// <summary>
    /// Runs a server as a whole program: says on standard output where it listens, and serves until it is cancelled.
    /// </summary>
    /// <param name="settings">How it runs.</param>
    /// <param name="untilInputEnds">Whether it also ends where standard input does: with the process at its other
    /// end.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ParameterServerException">It can't go on.</exception>
    public static async Task RunAsync(
        ParameterServerSettings settings, bool untilInputEnds, CancellationToken cancellationToken = default)
    {
        ParameterServerHost host = await StartAsync(settings, cancellationToken).ConfigureAwait(false);
        await using (host.ConfigureAwait(false))
        {
            await Console.Out.WriteLineAsync(ServerArguments.Listening + host.Address).ConfigureAwait(false);
            await Console.Out.FlushAsync(cancellationToken).ConfigureAwait(false);
            var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using CancellationTokenRegistration registration = cancellationToken.Register(
                () => cancelled.TrySetResult());
            Task[] ends = untilInputEnds
                ? [host.Completion, cancelled.Task, Console.In.ReadToEndAsync(cancellationToken)]
                : [host.Completion, cancelled.Task];
            Task first = await Task.WhenAny(ends).ConfigureAwait(false);
            await first.ConfigureAwait(cancellationToken.IsCancellationRequested
                ? ConfigureAwaitOptions.SuppressThrowing
                : ConfigureAwaitOptions.None);
        }
    }

    /// <summary>Stops serving; what it knows is gone with it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _server!.DisposeAsync().ConfigureAwait(false);
        _loop.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync(ParameterServerSettings settings, TimeProvider time)
    {
        List<Task> running = [_loop.RunAsync(_stop.Token)];
        if (settings.Peer is not null)
        {
            running.Add(new PrimaryLink(settings, _loop, time).RunAsync(_stop.Token));
        }

        while (running.Count > 0)
        {
            Task first = await Task.WhenAny(running).ConfigureAwait(false);
            if (first.IsCanceled && _stop.IsCancellationRequested)
            {
                return;
            }

            // A backup's link ends well where it has become the primary; whatever fails ends the server.
            await first.ConfigureAwait(false);
            running.Remove(first);
        }
    }

    private async Task AttachAsync(RpcServerStream<FromWorker, ToWorker> stream, RpcServerCall call)
    {
        var session = new WorkerSession(stream);
        try
        {
            await foreach (FromWorker message in stream.ReadAllAsync(call.CancellationToken).ConfigureAwait(false))
            {
                await TakeAsync(session, message).ConfigureAwait(false);
            }
        }
        catch (InvalidDataException e)
        {
            throw new RpcException(StatusCode.InvalidArgument, e.Message, e);
        }
        finally
        {
            await _loop.PostAsync(() => _loop.Close(session), _stop.Token).ConfigureAwait(false);
        }
    }

    private ValueTask TakeAsync(WorkerSession session, FromWorker message)
    {
        switch (message.KindCase)
        {
            case FromWorker.KindOneofCase.Chunk:
                session.Take(message.Chunk);
                return ValueTask.CompletedTask;
            case FromWorker.KindOneofCase.Hello:
                session.Elements = message.Hello.Configuration.Elements;
                return Post(() => _loop.Greet(session, message.Hello));
            case FromWorker.KindOneofCase.Initial:
                return TakeRow(row => _loop.Begin(session, row));
            case FromWorker.KindOneofCase.Gradients:
                return TakeRow(row => _loop.Push(session, message.Gradients, row));
            case FromWorker.KindOneofCase.Wanted:
                return Post(() => _loop.Want(session, message.Wanted.Clock));
            case FromWorker.KindOneofCase.Beat:
                return Post(() => _loop.Beat(session));
            case FromWorker.KindOneofCase.Goodbye:
                return Post(() => _loop.Leave(session));
            default:
                throw new InvalidDataException(
                    "A worker sent what this server does not know. Give workers and servers one version of Lepton.");
        }

        ValueTask Post(Action action) => _loop.PostAsync(action, _stop.Token);

        ValueTask TakeRow(Action<Lepton.Torch.Tensor> use)
        {
            Lepton.Torch.Tensor row = session.TakeRow();
            return Post(() => use(row));
        }
    }

    private async Task ReplicateAsync(RpcServerStream<FromBackup, ToBackup> stream, RpcServerCall call)
    {
        var link = new BackupLink(stream);
        Task reading = ReadAsync();
        Task first = await Task.WhenAny(reading, link.Refused).ConfigureAwait(false);
        await first.ConfigureAwait(false);

        async Task ReadAsync()
        {
            try
            {
                await foreach (FromBackup message in stream.ReadAllAsync(call.CancellationToken).ConfigureAwait(false))
                {
                    await _loop.PostAsync(
                        message.Attach is { } attach
                            ? () => _loop.AttachBackup(link, attach)
                            : () => _loop.Took(link, message.Taken.Sequence),
                        _stop.Token).ConfigureAwait(false);
                }
            }
            finally
            {
                await _loop.PostAsync(() => _loop.DetachBackup(link), _stop.Token).ConfigureAwait(false);
            }
        }
    }
}

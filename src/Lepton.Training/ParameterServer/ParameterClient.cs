using Lepton.Torch;
using Lepton.Torch.Modules;
using Lepton.Training.ParameterServer.Serving;
using Lepton.Training.ParameterServer.Workers;
using Lepton.Training.Protocol;
using static Lepton.Torch.Torch;

namespace Lepton.Training.ParameterServer;

/// <summary>
/// A worker's side of parameter servers. A step: <see cref="PullAsync"/>, forward, backward, <see cref="PushAsync"/>;
/// the servers' optimizer steps. Dispose of it when the training is done, so that nobody waits for this worker.
/// </summary>
/// <remarks>
/// <code>
/// await using var servers = new ParameterClient(ParameterClientOptions.FromEnvironment());
/// await servers.AttachAsync(model, new ParameterServerOptions { Optimizer = new AdamOptions() });
/// foreach (Batch batch in mine)
/// {
///     await servers.PullAsync();
///     using (new TensorScope())
///     {
///         Loss(model, batch).Backward();
///     }
///
///     await servers.PushAsync(weight: batch.Size);
/// }
/// </code>
/// With <see cref="UpdateMode.Synchronous"/> this trains as a single process with all workers' samples does. Parameters
/// are of float32. A worker that dies is waited for as long as the servers' lease; one that is started again in its
/// place goes on from where the others are. Workers don't meet: they call no
/// <see cref="Lepton.Training.Ranks.RankContext.Join(string, TimeSpan?)"/>. Not thread safe.
/// </remarks>
public sealed class ParameterClient : IAsyncDisposable
{
    private readonly ParameterClientOptions _options;
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly CancellationTokenSource _stop = new();
    private ServerConnection[] _servers = [];
    private float[][] _rows = [];
    private Tensor[] _parameters = [];
    private ShareMap? _map;
    private Task _beating = Task.CompletedTask;

    /// <summary>Makes a client; nothing is sent yet.</summary>
    /// <exception cref="ArgumentException">Options are wrong; the message has all that are.</exception>
    public ParameterClient(ParameterClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
    }

    /// <summary>This worker, from 0.</summary>
    public int Worker => _options.Worker;

    /// <summary>How many workers there are.</summary>
    public int Workers => _options.Workers;

    /// <summary>How many gradients this worker, or the one whose place it took, has pushed.</summary>
    public long Clock { get; private set; }

    /// <summary>
    /// The learning rate of the steps that the next pushes are part of; null: as the servers have it. For schedules,
    /// the same on all workers.
    /// </summary>
    public double? LearningRate { get; set; }

    /// <summary>Joins the training with a model; the values of the worker that comes first are everybody's.</summary>
    /// <param name="model">Its parameters that require gradients are trained; stays the caller's.</param>
    /// <param name="options">The same on all workers.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">Options are wrong, or a parameter is not of float32.</exception>
    /// <exception cref="ParameterServerException">A server can't be reached, or workers differ.</exception>
    public async Task AttachAsync(
        Module model, ParameterServerOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (_map is not null)
        {
            throw new InvalidOperationException("A model is attached already; each needs a client of its own.");
        }

        NamedParameter[] trained = [.. model.NamedParameters().Where(static named => named.Parameter.RequiresGrad)];
        RequireFloat32(trained);
        _parameters = [.. trained.Select(static named => named.Parameter.Value)];
        _map = ShareMap.Of(
            [.. trained.Select(static named => (named.Name, named.Parameter.Value.ElementCount))],
            _options.Servers.Count, options.SliceElementsMax);
        _rows = [.. Enumerable.Range(0, _options.Servers.Count).Select(RowOf)];
        _servers = [.. _rows.Select((row, server) => new ServerConnection(
            _options, server, ConfigurationOf(options, row.Length), _time))];
        float[][] values = Gather(static parameter => parameter);
        await ForEachAsync((connection, server) => connection.OpenAsync(
            () => ShareChunks.Cut(values[server]), cancellationToken)).ConfigureAwait(false);
        Clock = _servers.Max(static server => server.FirstClock);
        _beating = BeatAsync();
    }

    /// <summary>
    /// Puts the servers' values into the model. Waits until they are as recent as the mode asks for: behind everybody's
    /// last push, or so many steps before.
    /// </summary>
    /// <exception cref="ParameterServerException">
    /// A server and its backup are gone, or they went on without this worker.
    /// </exception>
    public async Task PullAsync(CancellationToken cancellationToken = default)
    {
        RequireAttached();
        await ForEachAsync((connection, server) => connection.PullAsync(Clock, _rows[server], cancellationToken))
            .ConfigureAwait(false);
        using var noGrad = NoGrad();
        using var scope = new TensorScope();
        for (int server = 0; server < _rows.Length; server++)
        {
            foreach (Slice slice in _map!.Of(server))
            {
                _parameters[slice.Parameter].View(-1).Narrow(0, slice.Start, slice.Length).CopyFrom(
                    From<float>(_rows[server].AsSpan((int)slice.At, slice.Length)));
            }
        }
    }

    /// <summary>
    /// Sends the model's gradients, and removes them. Done when servers, and their backups, have them; a parameter
    /// without a gradient sends zeros.
    /// </summary>
    /// <param name="weight">
    /// How much they count in the mean of a synchronous step, above 0: the samples that they are the mean over. Other
    /// modes step with them as they are.
    /// </param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ParameterServerException">As for <see cref="PullAsync"/>.</exception>
    public async Task PushAsync(double weight = 1, CancellationToken cancellationToken = default)
    {
        RequireAttached();
        float[][] gradients = Gather(static parameter => parameter.Grad);
        TensorGradients.ZeroGradients(_parameters);
        await SendAsync(gradients, weight, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// For local SGD (Stich, 2019): sends how far the model went, by steps of its own, from the values that it pulled.
    /// With the servers' optimizer plain SGD of rate 1, and synchronous steps, the values become the mean of all
    /// workers' models.
    /// </summary>
    /// <inheritdoc cref="PushAsync"/>
    public async Task PushDifferenceAsync(double weight = 1, CancellationToken cancellationToken = default)
    {
        RequireAttached();
        float[][] differences = Gather(static parameter => parameter);
        for (int server = 0; server < differences.Length; server++)
        {
            for (int i = 0; i < differences[server].Length; i++)
            {
                differences[server][i] = _rows[server][i] - differences[server][i];
            }
        }

        await SendAsync(differences, weight, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Leaves the training; nobody waits for this worker any more.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _beating.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (ServerConnection server in _servers)
        {
            await server.LeaveAsync().ConfigureAwait(false);
            await server.DisposeAsync().ConfigureAwait(false);
        }

        _stop.Dispose();
    }

    private static void RequireFloat32(NamedParameter[] trained)
    {
        string[] others = [.. trained
            .Where(static named => named.Parameter.Value.DType != DType.Float32)
            .Select(static named => $"{named.Name} is of {named.Parameter.Value.DType.Name()}")];
        if (trained.Length == 0 || others.Length > 0)
        {
            throw new ArgumentException(trained.Length == 0
                ? "The model has no parameter that requires gradients."
                : $"Parameter servers hold float32 alone: {string.Join("; ", others)}. Convert the model first.");
        }
    }

    private float[] RowOf(int server)
    {
        long elements = _map!.ElementsOf(server);
        return elements <= Array.MaxLength / sizeof(float)
            ? new float[elements]
            : throw new ArgumentException(
                $"Server {server} would hold {elements} elements, more than one can. Start more servers.");
    }

    private Configuration ConfigurationOf(ParameterServerOptions options, long elements)
    {
        var configuration = new Configuration
        {
            Mode = (int)options.Mode,
            Staleness = options.Staleness,
            Workers = Workers,
            Elements = elements,
            Fingerprint = _map!.Fingerprint,
        };
        OptimizerText.Write(options.Optimizer, configuration);
        return configuration;
    }

    private float[][] Gather(Func<Tensor, Tensor?> of)
    {
        using var noGrad = NoGrad();
        using var scope = new TensorScope();
        float[][] rows = [.. _rows.Select(static row => new float[row.Length])];
        Tensor?[] flat = [.. _parameters.Select(parameter => of(parameter)?.Detach().To(Device.Cpu).Reshape(-1))];
        for (int server = 0; server < rows.Length; server++)
        {
            foreach (Slice slice in _map!.Of(server))
            {
                flat[slice.Parameter]?.AsSpan<float>().Slice((int)slice.Start, slice.Length)
                    .CopyTo(rows[server].AsSpan((int)slice.At));
            }
        }

        return rows;
    }

    private async Task SendAsync(float[][] rows, double weight, CancellationToken cancellation)
    {
        if (!(weight > 0) || !double.IsFinite(weight))
        {
            throw new ArgumentOutOfRangeException(nameof(weight), weight, "A weight is a number above 0.");
        }

        var gradients = new Gradients { Clock = Clock, Weight = weight, LearningRate = LearningRate ?? -1 };
        await ForEachAsync((connection, server) => connection.PushAsync(
            ShareChunks.Cut(rows[server]), gradients, cancellation)).ConfigureAwait(false);
        Clock++;
    }

    private Task ForEachAsync(Func<ServerConnection, int, Task> ask) => Task.WhenAll(_servers.Select(ask));

    private async Task BeatAsync()
    {
        using var timer = new PeriodicTimer(_options.BeatInterval, _time);
        while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
        {
            await ForEachAsync((connection, _) => connection.BeatAsync(_stop.Token)).ConfigureAwait(false);
        }
    }

    private void RequireAttached()
    {
        if (_map is null)
        {
            throw new InvalidOperationException($"No model is attached yet. Call {nameof(AttachAsync)} first.");
        }
    }
}

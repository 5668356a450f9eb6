using System.Globalization;
using Lepton.Torch;
using Lepton.Training.Launch;

namespace Lepton.Training.ParameterServer.Launching;

/// <summary>
/// Runs a training with parameter servers as processes of this machine: servers with their backups, and workers. A
/// worker that dies is told of, and the others go on; a server that dies is started again, with what its other copy
/// knows.
/// </summary>
public sealed class ParameterLauncher
{
    private const int ExitFailed = 1;
    private const int ExitCancelled = 130;
    private readonly ParameterLaunchOptions _options;
    private readonly Action<string, bool> _write;

    /// <summary>Makes a launcher.</summary>
    /// <param name="options">What to start.</param>
    /// <param name="write">
    /// Takes each line of the processes and of the launcher; true for standard error. Called by several threads.
    /// </param>
    /// <exception cref="ArgumentException">Options are out of bounds; the message has all of them.</exception>
    public ParameterLauncher(ParameterLaunchOptions options, Action<string, bool> write)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(write);
        options.Validate();
        (_options, _write) = (options, write);
    }

    /// <summary>Runs the training to its end.</summary>
    /// <param name="stop">Has workers end, by SIGTERM.</param>
    /// <returns>0 where a worker came to its end; 1 where none did; 130 where it was stopped.</returns>
    /// <exception cref="TorchLibraryException">The native library is missing; the message says how to get
    /// it.</exception>
    /// <exception cref="ParameterServerException">A server can't be started, or is gone with all copies.</exception>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        TorchLibrary.Require();
        string folder = Directory.CreateTempSubdirectory("lepton-train-").FullName;
        using var fleet = new ServerFleet(_options, _write);
        List<RankProcess> workers = [];
        try
        {
            await fleet.StartAsync(stop).ConfigureAwait(false);
            workers.AddRange(
                Enumerable.Range(0, _options.Workers).Select(worker => StartWorker(worker, fleet, folder)));
            return await WaitAsync(workers, fleet, stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return ExitCancelled;
        }
        finally
        {
            foreach (RankProcess worker in workers)
            {
                worker.Kill();
                worker.Dispose();
            }

            Directory.Delete(folder, recursive: true);
        }
    }

    private RankProcess StartWorker(int worker, ServerFleet fleet, string folder)
    {
        string errorFile = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"error-{worker}.json"));
        string number = worker.ToString(CultureInfo.InvariantCulture);
        string size = _options.Workers.ToString(CultureInfo.InvariantCulture);
        var variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["RANK"] = number,
            ["LOCAL_RANK"] = number,
            ["WORLD_SIZE"] = size,
            ["LOCAL_WORLD_SIZE"] = size,
            ["TORCHELASTIC_ERROR_FILE"] = errorFile,
            [ParameterClientOptions.ServersVariable] = fleet.Addresses,
            [ParameterClientOptions.TokenVariable] = fleet.Token,
        };
        if (_options.Workers > 1 && Environment.GetEnvironmentVariable("OMP_NUM_THREADS") is null)
        {
            // Workers that each use all processors would only be in each other's way.
            variables["OMP_NUM_THREADS"] = "1";
        }

        return RankProcess.Start(
            _options.WorkerCommand, variables, worker, errorFile, _options.Workers > 1, _write);
    }

    private async Task<int> WaitAsync(List<RankProcess> workers, ServerFleet fleet, CancellationToken stop)
    {
        Task<bool>[] ends = [.. workers.Select(EndOfAsync)];
        Task<bool[]> all = Task.WhenAll(ends);
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration registration = stop.Register(() => stopped.TrySetResult());
        Task first = await Task.WhenAny(all, fleet.Lost, stopped.Task).ConfigureAwait(false);
        if (first == stopped.Task)
        {
            workers.ForEach(static worker => worker.Terminate());
            await Task.WhenAny(all, Task.Delay(_options.Grace, TimeProvider.System, CancellationToken.None))
                .ConfigureAwait(false);
            return ExitCancelled;
        }

        await first.ConfigureAwait(false);
        return (await all.ConfigureAwait(false)).Contains(true) ? 0 : ExitFailed;
    }

    // Whether a worker ended well.
    private async Task<bool> EndOfAsync(RankProcess worker)
    {
        RankEnd end = await worker.EndAsync().ConfigureAwait(false);
        if (end.ExitCode == 0)
        {
            return true;
        }

        _write(
            string.Create(
                CultureInfo.InvariantCulture,
                $"lepton: worker {end.Rank} is gone: {end.Reason}; the others go on without it"),
            true);
        return false;
    }
}

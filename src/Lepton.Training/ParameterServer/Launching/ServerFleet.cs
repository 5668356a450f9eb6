using System.Globalization;
using System.Security.Cryptography;

namespace Lepton.Training.ParameterServer.Launching;

/// <summary>The servers of a training and their backups; starts a dead one again as the backup of the other
/// copy.</summary>
internal sealed class ServerFleet(ParameterLaunchOptions options, Action<string, bool> write) : IDisposable
{
    private const int TokenBytes = 32;
    private readonly Dictionary<(int Server, int Copy), ServerProcess> _running = [];
    private readonly Dictionary<(int Server, int Copy), Uri> _addresses = [];
    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private int _restarts;
    private bool _isOver;

    /// <summary>The servers' secret.</summary>
    public string Token { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TokenBytes));

    /// <summary>Fails where a server is gone for good.</summary>
    public Task Lost => _lost.Task;

    /// <summary>The addresses, as <see cref="ParameterClientOptions.ServersVariable"/> has them.</summary>
    public string Addresses => string.Join(';', Enumerable.Range(0, options.Servers).Select(server =>
        string.Join(',', Enumerable.Range(0, options.HasBackups ? 2 : 1).Select(copy => _addresses[(server, copy)]))));

    /// <summary>Starts all; done when they listen.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        await StartCopiesAsync(0, cancellation).ConfigureAwait(false);
        if (options.HasBackups)
        {
            await StartCopiesAsync(1, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Ends all.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isOver = true;
            foreach (ServerProcess process in _running.Values)
            {
                process.Kill();
            }
        }
    }

    private async Task StartCopiesAsync(int copy, CancellationToken cancellation)
    {
        Task<Uri>[] starting = [.. Enumerable.Range(0, options.Servers).Select(server => Start(
            server, copy, 0, copy == 0 ? null : _addresses[(server, 0)], isRestarted: false))];
        for (int server = 0; server < starting.Length; server++)
        {
            _addresses[(server, copy)] = await starting[server].WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    private Task<Uri> Start(int server, int copy, int port, Uri? peer, bool isRestarted)
    {
        lock (_lock)
        {
            if (_isOver)
            {
                return Task.FromException<Uri>(new ParameterServerException("The training is over."));
            }

            string name = string.Create(
                CultureInfo.InvariantCulture, $"[server {server}{(options.HasBackups ? copy == 0 ? "a" : "b" : "")}] ");
            var process = ServerProcess.Start(
                [
                    .. options.ServerCommand,
                    .. ServerArguments.Of(port, peer, options.HasBackups && peer is null, isRestarted,
                        options.WorkerLease),
                ],
                Token, name, write);
            _running[(server, copy)] = process;
            _ = WatchAsync(server, copy, process);
            return process.Listening;
        }
    }

    private async Task WatchAsync(int server, int copy, ServerProcess process)
    {
        int code = await process.EndAsync().ConfigureAwait(false);
        process.Dispose();
        lock (_lock)
        {
            _running.Remove((server, copy));
            if (_isOver)
            {
                return;
            }
        }

        string what = string.Create(
            CultureInfo.InvariantCulture, $"server {server} ended with exit code {code}");
        if (!options.HasBackups || _restarts++ >= options.ServerRestartsMax
            || !_addresses.TryGetValue((server, copy), out Uri? address)
            || !_addresses.TryGetValue((server, 1 - copy), out Uri? peer))
        {
            _lost.TrySetException(new ParameterServerException(
                $"{what}, and {(options.HasBackups ? "was started again often enough" : "has no backup")}: its " +
                "values are gone. Start the training again."));
            return;
        }

        write($"lepton: {what}; it starts again, with what its other copy knows", true);
        Task<Uri> listening = Start(server, copy, address.Port, peer, isRestarted: true);
        await ((Task)listening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}

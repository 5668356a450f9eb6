using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Lepton.Cli.Tests.Objects;

/// <summary>A store that has every object, begins to send it, and never ends.</summary>
internal sealed class StallingStore : IDisposable
{
    private const string Head =
        "Content-Length: 1000\r\nETag: \"1\"\r\nLast-Modified: Sat, 28 Nov 2026 13:00:00 GMT\r\n\r\n";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly TaskCompletionSource _stalled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<TcpClient> _clients = [];

    public StallingStore()
    {
        _listener.Start();
        _ = AcceptAsync();
    }

    public string Address => $"http://{_listener.LocalEndpoint}";

    /// <summary>Waits until somebody waits for the rest of an object.</summary>
    public async Task StalledAsync()
    {
        using CancellationTokenSource limit = LeptonRun.NewLimit();
        await _stalled.Task.WaitAsync(limit.Token);
    }

    public void Dispose()
    {
        _listener.Dispose();
        lock (_clients)
        {
            _clients.ForEach(static client => client.Dispose());
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync();
                lock (_clients)
                {
                    _clients.Add(client);
                }

                _ = AnswerAsync(client);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test has ended.
            return;
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        try
        {
            using StreamReader reader = new(client.GetStream(), Encoding.ASCII, leaveOpen: true);
            while (await reader.ReadLineAsync() is { } request)
            {
                while (!string.IsNullOrEmpty(await reader.ReadLineAsync()))
                {
                    // Headers say nothing that matters here.
                    continue;
                }

                bool isHead = request.StartsWith("HEAD", StringComparison.Ordinal);
                string answer = isHead
                    ? $"HTTP/1.1 200 OK\r\n{Head}"
                    : $"HTTP/1.1 206 Partial Content\r\n{Head}begin";
                await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(answer));
                if (!isHead)
                {
                    _stalled.TrySetResult();
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // Who asked has gone.
            return;
        }
    }
}

using System.Net;
using System.Net.Sockets;

namespace Lepton.Rpc.Tests;

/// <summary>A wire between a channel and a server that a test can cut, or make swallow everything.</summary>
internal sealed class CuttableRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<Socket> _sockets = [];
    private readonly Lock _gate = new();
    private readonly Task _accepting;
    private volatile bool _swallows;

    public CuttableRelay(Uri target)
    {
        _listener.Start();
        Address = new Uri($"http://{_listener.LocalEndpoint}");
        _accepting = AcceptAsync(target);
    }

    public Uri Address { get; }

    /// <summary>Resets every connection, as a killed process does.</summary>
    public void Cut()
    {
        lock (_gate)
        {
            foreach (Socket socket in _sockets)
            {
                socket.Close(timeout: 0);
            }

            _sockets.Clear();
        }
    }

    /// <summary>Lets nothing through any more, as a machine that lost its power does.</summary>
    public void Swallow() => _swallows = true;

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        Cut();
        await _accepting;
    }

    private async Task AcceptAsync(Uri target)
    {
        List<Task> copies = [];
        while (true)
        {
            Socket near;
            try
            {
                near = await _listener.AcceptSocketAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                break;
            }

            Socket far = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            near.NoDelay = true;
            lock (_gate)
            {
                _sockets.Add(near);
                _sockets.Add(far);
            }

            await far.ConnectAsync(target.Host, target.Port);
            copies.Add(CopyAsync(near, far));
            copies.Add(CopyAsync(far, near));
        }

        await Task.WhenAll(copies);
    }

    private async Task CopyAsync(Socket from, Socket to)
    {
        byte[] buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer.AsMemory()) is > 0 and int read)
            {
                if (!_swallows)
                {
                    await to.SendAsync(buffer.AsMemory(0, read));
                }
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The wire was cut, which is what it is for; both ends learn of it from their own sockets.
            to.Dispose();
        }
    }
}

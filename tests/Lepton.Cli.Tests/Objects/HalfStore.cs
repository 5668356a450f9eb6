using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Lepton.Cli.Tests.Objects;

/// <summary>
/// A store with one object, of two parts as downloads are cut, that sends the first part and, until it is told to, not
/// the second.
/// </summary>
internal sealed class HalfStore : IDisposable
{
    public const int PartBytes = 16 << 20;
    private const int Length = PartBytes + 1000;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<TcpClient> _clients = [];
    private readonly List<string> _requests = [];
    private volatile bool _isOpen;

    public HalfStore()
    {
        for (int i = 0; i < Length; i++)
        {
            Content[i] = (byte)(i * 7);
        }

        _listener.Start();
        _ = AcceptAsync();
    }

    public byte[] Content { get; } = new byte[Length];

    public string Address => $"http://{_listener.LocalEndpoint}";

    /// <summary>What was asked for, and forgets it: method, range, condition.</summary>
    public string[] TakeRequests()
    {
        lock (_requests)
        {
            string[] all = [.. _requests];
            _requests.Clear();
            return all;
        }
    }

    /// <summary>From now on sends all.</summary>
    public void Open() => _isOpen = true;

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

                _ = AnswerAsync(client.GetStream());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test has ended.
            return;
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        try
        {
            using StreamReader reader = new(stream, Encoding.ASCII, leaveOpen: true);
            while (await reader.ReadLineAsync() is { } request)
            {
                Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase);
                while (await reader.ReadLineAsync() is { Length: > 0 } line)
                {
                    string[] parts = line.Split(':', 2);
                    headers[parts[0]] = parts[1].Trim();
                }

                await AnswerAsync(stream, request.Split(' ')[0], headers);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // Who asked has gone.
            return;
        }
    }

    private async Task AnswerAsync(NetworkStream stream, string method, Dictionary<string, string> headers)
    {
        string range = headers.GetValueOrDefault("Range", "");
        lock (_requests)
        {
            _requests.Add($"{method} {range} {headers.GetValueOrDefault("If-Match", "")}".TrimEnd());
        }

        int[] ends = range.Length == 0
            ? [0, Length - 1]
            : [.. range["bytes=".Length..].Split('-').Select(end => int.Parse(end, CultureInfo.InvariantCulture))];
        int count = ends[1] - ends[0] + 1;
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"HTTP/1.1 {(range.Length == 0 ? "200 OK" : "206 Partial Content")}\r\nContent-Length: {count}\r\n" +
            "ETag: \"1\"\r\nLast-Modified: Sat, 28 Nov 2026 13:00:00 GMT\r\n\r\n"));
        if (method == "GET" && (ends[0] < PartBytes || _isOpen))
        {
            await stream.WriteAsync(Content.AsMemory(ends[0], count));
        }
    }
}

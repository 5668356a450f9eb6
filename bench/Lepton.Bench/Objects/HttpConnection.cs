using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Lepton.Bench.Running;

namespace Lepton.Bench.Objects;

/// <summary>
/// One connection of HTTP/1.1 that sends prepared bytes, so that the load costs the cores little beside the servers.
/// </summary>
internal sealed class HttpConnection : IDisposable
{
    private static readonly byte[] s_headEnd = "\r\n\r\n"u8.ToArray();
    private static readonly byte[] s_length = "content-length:"u8.ToArray();
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[256 * 1024];

    private HttpConnection()
    {
    }

    public static async Task<HttpConnection> OpenAsync(Uri server)
    {
        HttpConnection connection = new();
        await connection._socket.ConnectAsync(IPAddress.Parse(server.Host), server.Port);
        return connection;
    }

    /// <summary>The head of a request for a presigned URL.</summary>
    public static byte[] Head(string method, Uri url, long bodyBytes) => Encoding.ASCII.GetBytes(
        FormattableString.Invariant($"{method} {url.PathAndQuery} HTTP/1.1\r\nHost: {url.Authority}\r\n") +
        (method == "PUT" ? FormattableString.Invariant($"Content-Length: {bodyBytes}\r\n\r\n") : "\r\n"));

    /// <summary>Sends a part of a request.</summary>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation = default)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await _socket.SendAsync(bytes, cancellation)..];
        }
    }

    /// <summary>Reads an answer to its end.</summary>
    /// <param name="body">Gets the body's bytes, piece by piece; null drops them.</param>
    /// <param name="cancellation">Gives up; the connection is of no more use then.</param>
    /// <returns>The body's length.</returns>
    /// <exception cref="FailedRunException">The status is not 200.</exception>
    public async ValueTask<long> ReceiveAsync(
        Action<ReadOnlyMemory<byte>>? body = null, CancellationToken cancellation = default)
    {
        int have = 0;
        int head;
        while ((head = _buffer.AsSpan(0, have).IndexOf(s_headEnd)) < 0)
        {
            have += await ReadAsync(have, cancellation);
        }

        long length = LengthIn(_buffer.AsSpan(0, head));
        head += s_headEnd.Length;
        body?.Invoke(_buffer.AsMemory(head, have - head));
        for (long left = length - (have - head); left > 0;)
        {
            int read = await ReadAsync(0, cancellation);
            body?.Invoke(_buffer.AsMemory(0, read));
            left -= read;
        }

        return length;
    }

    public void Dispose() => _socket.Dispose();

    private async ValueTask<int> ReadAsync(int at, CancellationToken cancellation) =>
        await _socket.ReceiveAsync(_buffer.AsMemory(at), cancellation) is > 0 and var read
            ? read
            : throw new FailedRunException("the server closed the connection within an answer");

    private static long LengthIn(ReadOnlySpan<byte> head)
    {
        if (!head.StartsWith("HTTP/1.1 200"u8))
        {
            throw new FailedRunException($"the server answered: {Encoding.UTF8.GetString(head)}");
        }

        foreach (Range line in head.Split("\r\n"u8))
        {
            ReadOnlySpan<byte> text = head[line];
            if (text.Length > s_length.Length && Ascii.EqualsIgnoreCase(text[..s_length.Length], s_length)
                && Utf8Parser.TryParse(text[s_length.Length..].TrimStart((byte)' '), out long length, out _))
            {
                return length;
            }
        }

        throw new FailedRunException("the server answered without the body's length");
    }
}

using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Net.Http.Headers;
using Lepton.Compute.Protocol;

namespace Lepton.Compute.Shuffle;

/// <summary>Reads partitions of shuffle outputs from the worker that wrote them, over HTTP. Thread safe.</summary>
/// <param name="token">Authorizes this reader.</param>
/// <param name="handler">Sends the requests; its new owner disposes it. By default <see cref="NewHandler"/>.</param>
internal sealed class RemoteBlocks(string token, HttpMessageHandler? handler = null) : IDisposable
{
    private const int BlockBytesMax = 1 << 30;
    private readonly HttpClient _http = new(handler ?? NewHandler())
    {
        DefaultRequestVersion = new Version(1, 1),
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>The records of each block, checked; a block's memory is rented and valid until the next one is
    /// taken.</summary>
    /// <exception cref="HttpRequestException">The worker is not there, or does not have the file.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled, or nobody answered the connect in
    /// time.</exception>
    public IEnumerable<ReadOnlyMemory<byte>> Read(OutputLocation output, int partition, CancellationToken cancellation)
    {
        string file = Uri.EscapeDataString(Path.GetFileName(output.Path));
        string address = string.Create(
            CultureInfo.InvariantCulture, $"{output.BlockAddress.TrimEnd('/')}/blocks/{file}/{partition}");
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using HttpResponseMessage response =
            _http.Send(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        response.EnsureSuccessStatusCode();
        using Stream body = response.Content.ReadAsStream(cancellation);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(64 << 10);
        try
        {
            long offset = 0;
            while (body.ReadAtLeast(
                buffer.AsSpan(0, PartitionedFileWriter.HeaderBytes), PartitionedFileWriter.HeaderBytes,
                    false) is var read and > 0)
            {
                uint length = BinaryPrimitives.ReadUInt32LittleEndian(buffer);
                if (read < PartitionedFileWriter.HeaderBytes || length > BlockBytesMax)
                {
                    throw new IOException($"{address}: the block at byte {offset:N0} has no proper header.");
                }

                int total = PartitionedFileWriter.HeaderBytes + (int)length;
                if (buffer.Length < total)
                {
                    byte[] larger = ArrayPool<byte>.Shared.Rent(total);
                    buffer.AsSpan(0, PartitionedFileWriter.HeaderBytes).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }

                body.ReadExactly(buffer.AsSpan(PartitionedFileWriter.HeaderBytes, (int)length));
                yield return PartitionedFileReader.CheckBlock(buffer.AsMemory(0, total), address, offset);
                offset += total;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>
    /// Workers are reached directly, as an <c>RpcChannel</c> does it: a proxy or another host would be told the token.
    /// </summary>
    internal static SocketsHttpHandler NewHandler() => new()
    {
        ConnectTimeout = TimeSpan.FromSeconds(5),
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ActivityHeadersPropagator = null,
    };

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();
}

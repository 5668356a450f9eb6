using System.Globalization;
using System.Security.Authentication;
using Google.Protobuf;
using Lepton.Rpc;
using Lepton.Rpc.Client;
using Lepton.Storage.Blocks;
using Lepton.Storage.Cluster;
using Lepton.Storage.Metadata;
using Lepton.Storage.Protocol;

namespace Lepton.Storage.Replication;

/// <summary>The blocks of another node. What it gives is verified here. Thread safe.</summary>
internal sealed class RemotePeer : IBlockPeer, IDisposable
{
    private const int RefusalBytesMax = 1024;

    /// <summary>For one block, or one question.</summary>
    private static readonly TimeSpan s_callTimeMax = TimeSpan.FromSeconds(20);

    private readonly RpcChannel _channel;
    private readonly string _name;
    private readonly TimeProvider _timeProvider;

    /// <summary>Makes the way to a node; nothing is sent yet.</summary>
    /// <param name="name">What people call it.</param>
    /// <param name="address">Where it gives and takes blocks.</param>
    /// <param name="token">What lets nodes of the store in.</param>
    /// <param name="tls">What this node shows, and whom it trusts; null for an <c>http</c> address.</param>
    /// <param name="timeProvider">The clock of deadlines.</param>
    public RemotePeer(string name, Uri address, string token, RpcTlsOptions? tls, TimeProvider timeProvider)
    {
        (_name, _timeProvider) = (name, timeProvider);
        _channel = new RpcChannel(address, new RpcChannelOptions
        {
            BearerToken = token,
            Tls = tls,
            UnaryTimeout = s_callTimeMax,
            ConnectTimeout = TimeSpan.FromSeconds(2),
            TimeProvider = timeProvider,
        });
    }

    public Task PutAsync(
        UploadId upload, BlockId id, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        SendAsync(id, content, upload, cancellationToken);

    public Task RestoreAsync(BlockId id, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        SendAsync(id, content, null, cancellationToken);

    public Task SealAsync(
        UploadId upload, IReadOnlyList<BlockRef> blocks, CancellationToken cancellationToken) =>
        CallAsync(BlockMethods.Seal, new SealRequest
        {
            Upload = upload.ToString(),
            Blocks = UnsafeByteOperations.UnsafeWrap(BlockList.Pack(blocks)),
        }, cancellationToken);

    public Task ReleaseAsync(UploadId upload, CancellationToken cancellationToken) => CallAsync(
        BlockMethods.Release, new ReleaseRequest { Upload = upload.ToString() }, cancellationToken);

    public async Task<BlockBuffer> GetAsync(BlockId id, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = new(s_callTimeMax, _timeProvider);
        using CancellationTokenSource both =
            CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using HttpRequestMessage request = new(HttpMethod.Get, Path(id));
            using HttpResponseMessage response = await _channel.SendHttpAsync(request, both.Token)
                .ConfigureAwait(false);
            await ThrowIfRefusedAsync(response, both.Token).ConfigureAwait(false);
            return await ReadAsync(id, response, both.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (IsNetwork(e, cancellationToken))
        {
            throw Unreachable(e);
        }
    }

    public async Task<bool[]> HaveAsync(
        IReadOnlyList<BlockId> ids, ulong? layout, CancellationToken cancellationToken)
    {
        byte[] packed = new byte[ids.Count * BlockId.Size];
        for (int i = 0; i < ids.Count; i++)
        {
            ids[i].Write(packed.AsSpan(i * BlockId.Size));
        }

        HaveRequest request = new() { Ids = UnsafeByteOperations.UnsafeWrap(packed) };
        if (layout is { } fingerprint)
        {
            request.Layout = fingerprint;
        }

        HaveResponse response = await CallAsync(BlockMethods.Have, request, cancellationToken).ConfigureAwait(false);
        return response.Has.Length == ids.Count
            ? [.. response.Has.Span.ToArray().Select(static one => one == 1)]
            : throw new BlockException(
                BlockFailure.Unreachable,
                $"The node '{_name}' was asked for {ids.Count} blocks, and answered for {response.Has.Length}.");
    }

    public void Dispose() => _channel.Dispose();

    private static string Path(BlockId id) => BlockMethods.BlockPattern.Replace(
        "{id}", id.ToString(), StringComparison.Ordinal);

    private static bool IsNetwork(Exception exception, CancellationToken cancellationToken) =>
        exception is HttpRequestException or IOException and not BlockException
        || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private async Task SendAsync(
        BlockId id, ReadOnlyMemory<byte> content, UploadId? upload, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = new(s_callTimeMax, _timeProvider);
        using CancellationTokenSource both =
            CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using HttpRequestMessage request = new(HttpMethod.Put, Path(id))
            {
                Content = new ReadOnlyMemoryContent(content),
            };
            if (upload is { } of)
            {
                request.Headers.Add(BlockMethods.UploadHeader, of.ToString());
            }

            using HttpResponseMessage response = await _channel.SendHttpAsync(request, both.Token)
                .ConfigureAwait(false);
            await ThrowIfRefusedAsync(response, both.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (IsNetwork(e, cancellationToken))
        {
            throw Unreachable(e);
        }
    }

    private async Task<BlockBuffer> ReadAsync(
        BlockId id, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentLength is not (> 0 and <= BlockService.BlockBytesMax and var length))
        {
            throw new BlockException(
                BlockFailure.Unreachable, $"The node '{_name}' did not say how long the block {id} is.");
        }

        BlockBuffer buffer = new((int)length);
        try
        {
            Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            await using (body.ConfigureAwait(false))
            {
                await body.ReadExactlyAsync(buffer.Memory, cancellationToken).ConfigureAwait(false);
            }

            return BlockId.Of(buffer.Content.Span) == id
                ? buffer
                : throw new BlockException(
                    BlockFailure.Damaged,
                    $"The node '{_name}' gave other bytes for the block {id}, or they were changed on the way.");
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }

    private async Task ThrowIfRefusedAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode)
        {
            return;
        }

        byte[] text = new byte[RefusalBytesMax];
        Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        int length;
        await using (body.ConfigureAwait(false))
        {
            length = await body.ReadAtLeastAsync(text, text.Length, throwOnEndOfStream: false, cancellationToken)
                .ConfigureAwait(false);
        }

        int status = (int)response.StatusCode;
        string why = System.Text.Encoding.UTF8.GetString(text, 0, length);
        throw new BlockException(
            BlockFaults.FromHttp(status),
            string.Create(CultureInfo.InvariantCulture, $"The node '{_name}' refused ({status}): {why}"));
    }

    private async Task<TResponse> CallAsync<TRequest, TResponse>(
        RpcMethod<TRequest, TResponse> method, TRequest request, CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        try
        {
            return await _channel.UnaryAsync(method, request, null, cancellationToken).ConfigureAwait(false);
        }
        catch (RpcException e)
        {
            throw new BlockException(
                BlockFaults.FromRpc(e.StatusCode), $"The node '{_name}' failed: {e.Message}", e);
        }
    }

    private BlockException Unreachable(Exception e)
    {
        string where = $"The node '{_name}' at {_channel.Address.Authority}";
        return new BlockException(
            BlockFailure.Unreachable,
            e.InnerException is AuthenticationException { Message: var why }
                ? $"{where} is not trusted: {why.TrimEnd('.')}. See that the --peer-cert-file of both nodes is of " +
                    "the --peer-trusted-ca-file of both, is not over, and is for that address."
                : $"{where} does not answer: {e.Message.TrimEnd('.')}. See whether it runs, whether the way to it " +
                    "is open, and whether its log tells of a TLS handshake that was refused.", e);
    }
}

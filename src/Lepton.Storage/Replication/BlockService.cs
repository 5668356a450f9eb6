using System.Buffers;
using Google.Protobuf;
using Lepton.Rpc;
using Lepton.Rpc.Server;
using Lepton.Storage.Blocks;
using Lepton.Storage.Cluster;
using Lepton.Storage.Metadata;
using Lepton.Storage.Protocol;
using Microsoft.AspNetCore.Http;

namespace Lepton.Storage.Replication;

/// <summary>Serves this node's blocks to the others. Thread safe.</summary>
internal sealed class BlockService(IBlockPeer local)
{
    /// <summary>The largest block that is taken, in bytes.</summary>
    public const int BlockBytesMax = 64 * 1024 * 1024;

    /// <summary>Has a server serve them.</summary>
    public void MapTo(RpcServices services)
    {
        services.MapHttp("GET", BlockMethods.BlockPattern, GetAsync);
        services.MapHttp("PUT", BlockMethods.BlockPattern, PutAsync);
        services.MapUnary(BlockMethods.Seal, (request, call) => GuardAsync(async () =>
        {
            await local.SealAsync(Upload(request.Upload), ReadRefs(request.Blocks), call.CancellationToken)
                .ConfigureAwait(false);
            return new SealResponse();
        }));
        services.MapUnary(BlockMethods.Release, (request, call) => GuardAsync(async () =>
        {
            await local.ReleaseAsync(Upload(request.Upload), call.CancellationToken).ConfigureAwait(false);
            return new ReleaseResponse();
        }));
        services.MapUnary(BlockMethods.Have, (request, call) => GuardAsync(async () =>
        {
            bool[] has = await local.HaveAsync(
                ReadIds(request.Ids), request.HasLayout ? request.Layout : null, call.CancellationToken)
                .ConfigureAwait(false);
            return new HaveResponse
            {
                Has = ByteString.CopyFrom(Array.ConvertAll(has, static one => one ? (byte)1 : (byte)0)),
            };
        }));
    }

    private static async Task<T> GuardAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (BlockException e)
        {
            throw new RpcException(BlockFaults.ToRpc(e.Failure), e.Message, e);
        }
        catch (InvalidDataException e)
        {
            throw new RpcException(StatusCode.InvalidArgument, e.Message, e);
        }
    }

    private static UploadId Upload(string text) => UploadId.Parse(text) ?? throw new InvalidDataException(
        $"'{text}' names no upload; expected a node's id, its session and a number, with dots between them.");

    private static List<BlockRef> ReadRefs(ByteString packed) => BlockList.Unpack(packed.Span);

    private static BlockId[] ReadIds(ByteString packed)
    {
        if (packed.Length % BlockId.Size != 0)
        {
            throw new InvalidDataException(
                $"The ids of blocks have {packed.Length} bytes together, which is no multiple of {BlockId.Size}.");
        }

        BlockId[] ids = new BlockId[packed.Length / BlockId.Size];
        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = BlockId.Read(packed.Span[(i * BlockId.Size)..]);
        }

        return ids;
    }

    private static BlockId? IdOf(HttpContext context) => BlockId.Parse((string)context.Request.RouteValues["id"]!);

    private async Task GetAsync(HttpContext context)
    {
        if (IdOf(context) is not { } id)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, "The path names no block.")
                .ConfigureAwait(false);
            return;
        }

        try
        {
            using BlockBuffer block = await local.GetAsync(id, context.RequestAborted).ConfigureAwait(false);
            context.Response.ContentLength = block.Content.Length;
            await context.Response.Body.WriteAsync(block.Content, context.RequestAborted).ConfigureAwait(false);
        }
        catch (BlockException e)
        {
            await RefuseAsync(context, BlockFaults.ToHttp(e.Failure), e.Message).ConfigureAwait(false);
        }
    }

    private async Task PutAsync(HttpContext context)
    {
        string header = context.Request.Headers[BlockMethods.UploadHeader].ToString();
        UploadId? upload = UploadId.Parse(header);
        if (IdOf(context) is not { } id || (upload is null && header.Length > 0)
            || context.Request.ContentLength is not (> 0 and <= BlockBytesMax and var length))
        {
            await RefuseAsync(
                context, StatusCodes.Status400BadRequest,
                $"Expected a block's id in the path, its length up to {BlockBytesMax} bytes, and an upload or none.")
                .ConfigureAwait(false);
            return;
        }

        byte[] rented = ArrayPool<byte>.Shared.Rent((int)length);
        try
        {
            Memory<byte> content = rented.AsMemory(0, (int)length);
            await context.Request.Body.ReadExactlyAsync(content, context.RequestAborted).ConfigureAwait(false);
            if (BlockId.Of(content.Span) != id)
            {
                throw new BlockException(
                    BlockFailure.Damaged, $"The block {id} was changed on its way here; its content has another hash.");
            }

            await (upload is { } of
                ? local.PutAsync(of, id, content, context.RequestAborted)
                : local.RestoreAsync(id, content, context.RequestAborted)).ConfigureAwait(false);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        catch (BlockException e)
        {
            await RefuseAsync(context, BlockFaults.ToHttp(e.Failure), e.Message).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static Task RefuseAsync(HttpContext context, int status, string why)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(why, context.RequestAborted);
    }
}

using Lepton.Rpc;
using Lepton.Storage.Protocol;

namespace Lepton.Storage.Replication;

/// <summary>What nodes ask of each other, beside the blocks themselves.</summary>
internal static class BlockMethods
{
    /// <summary>The path of a block.</summary>
    public const string BlockPattern = "/blocks/{id}";

    /// <summary>The header that says of which upload a block is; without it, the block is to be durable at
    /// once.</summary>
    public const string UploadHeader = "lepton-upload";

    private const string Service = "lepton.storage.Blocks";

    public static RpcMethod<SealRequest, SealResponse> Seal { get; } =
        new(Service, "Seal", SealRequest.Parser, SealResponse.Parser);

    public static RpcMethod<ReleaseRequest, ReleaseResponse> Release { get; } =
        new(Service, "Release", ReleaseRequest.Parser, ReleaseResponse.Parser);

    public static RpcMethod<HaveRequest, HaveResponse> Have { get; } =
        new(Service, "Have", HaveRequest.Parser, HaveResponse.Parser);
}

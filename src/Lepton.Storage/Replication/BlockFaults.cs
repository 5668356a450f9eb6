using Lepton.Rpc;
using Lepton.Storage.Blocks;
using Microsoft.AspNetCore.Http;

namespace Lepton.Storage.Replication;

/// <summary>How a failure of one node's blocks travels to another.</summary>
internal static class BlockFaults
{
    public static StatusCode ToRpc(BlockFailure failure) => failure switch
    {
        BlockFailure.Missing => StatusCode.NotFound,
        BlockFailure.Damaged => StatusCode.DataLoss,
        BlockFailure.DiskFull => StatusCode.ResourceExhausted,
        _ => StatusCode.Unavailable,
    };

    public static BlockFailure FromRpc(StatusCode code) => code switch
    {
        StatusCode.NotFound => BlockFailure.Missing,
        StatusCode.DataLoss => BlockFailure.Damaged,
        StatusCode.ResourceExhausted => BlockFailure.DiskFull,
        _ => BlockFailure.Unreachable,
    };

    public static int ToHttp(BlockFailure failure) => failure switch
    {
        BlockFailure.Missing => StatusCodes.Status404NotFound,
        BlockFailure.Damaged => StatusCodes.Status410Gone,
        BlockFailure.DiskFull => StatusCodes.Status507InsufficientStorage,
        _ => StatusCodes.Status503ServiceUnavailable,
    };

    public static BlockFailure FromHttp(int status) => status switch
    {
        StatusCodes.Status404NotFound => BlockFailure.Missing,
        StatusCodes.Status410Gone => BlockFailure.Damaged,
        StatusCodes.Status507InsufficientStorage => BlockFailure.DiskFull,
        _ => BlockFailure.Unreachable,
    };
}

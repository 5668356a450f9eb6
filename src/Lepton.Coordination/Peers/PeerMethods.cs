using Lepton.Coordination.Protocol;
using Lepton.Rpc;

namespace Lepton.Coordination.Peers;

/// <summary>What nodes ask of each other.</summary>
internal static class PeerMethods
{
    private const string Service = "lepton.coordination.Peer";

    public static RpcMethod<PeerFrame, PeerFrame> Exchange { get; } =
        new(Service, "Exchange", PeerFrame.Parser, PeerFrame.Parser);

    public static RpcMethod<DescribeRequest, DescribeResponse> Describe { get; } =
        new(Service, "Describe", DescribeRequest.Parser, DescribeResponse.Parser);

    public static RpcMethod<PeerLeaseRequest, PeerLeaseResponse> LeaseKeepAlive { get; } =
        new(Service, "LeaseKeepAlive", PeerLeaseRequest.Parser, PeerLeaseResponse.Parser);

    public static RpcMethod<PeerLeaseRequest, PeerLeaseResponse> LeaseTimeToLive { get; } =
        new(Service, "LeaseTimeToLive", PeerLeaseRequest.Parser, PeerLeaseResponse.Parser);

    public static RpcMethod<PeerHashRequest, PeerHashResponse> Hash { get; } =
        new(Service, "Hash", PeerHashRequest.Parser, PeerHashResponse.Parser);
}

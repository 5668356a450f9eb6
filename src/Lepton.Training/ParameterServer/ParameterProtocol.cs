using Lepton.Rpc;
using Lepton.Training.Protocol;

namespace Lepton.Training.ParameterServer;

/// <summary>The methods of a parameter server.</summary>
internal static class ParameterProtocol
{
    private const string Service = "lepton.training.v1.ParameterServers";

    /// <summary>A worker's stream, for as long as it trains.</summary>
    public static readonly RpcMethod<FromWorker, ToWorker> Attach =
        new(Service, "Attach", FromWorker.Parser, ToWorker.Parser);

    /// <summary>A backup's stream, from its primary.</summary>
    public static readonly RpcMethod<FromBackup, ToBackup> Replicate =
        new(Service, "Replicate", FromBackup.Parser, ToBackup.Parser);
}

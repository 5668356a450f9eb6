using Lepton.Compute.Protocol;
using Lepton.Rpc;

namespace Lepton.Compute.Worker;

/// <summary>The one method of the worker protocol: a duplex stream for a worker's whole life.</summary>
internal static class ExecutorProtocol
{
    public static readonly RpcMethod<FromExecutor, ToExecutor> Attach =
        new("lepton.compute.v1.Executors", "Attach", FromExecutor.Parser, ToExecutor.Parser);
}

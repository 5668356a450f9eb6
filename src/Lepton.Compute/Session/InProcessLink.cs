using Lepton.Compute.Execution;
using Lepton.Compute.Protocol;

namespace Lepton.Compute.Session;

/// <summary>An executor whose slots are threads of the driver's process.</summary>
internal sealed class InProcessLink(int id, string name, int slots) : ExecutorLink(id, name, slots), IDisposable
{
    private Executor? _executor;

    public override bool HasMemoryBudget => false;

    public override int ProcessId => Environment.ProcessId;

    /// <summary>Starts the executor.</summary>
    public void Start(Func<Executor> start) => _executor = start();

    public override void Send(ToExecutor message) => _executor!.Receive(message);

    public override bool Kill(string reason) => false;

    public void Dispose() => _executor?.Dispose();
}

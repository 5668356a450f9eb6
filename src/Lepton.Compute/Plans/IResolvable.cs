using Lepton.Compute.Session;

namespace Lepton.Compute.Plans;

/// <summary>A node that must look at data before it can be planned: a sort samples its keys, a join collects a small
/// side.</summary>
internal interface IResolvable
{
    /// <summary>Runs what it needs, once for the node's life, within the action's scope. Thread safe.</summary>
    Task ResolveAsync(ActionScope scope, CancellationToken cancellation);
}

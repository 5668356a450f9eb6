using Lepton.Coordination.Client;

namespace Lepton.Coordination.Recipes;

/// <summary>The instances of a service as they are at one revision.</summary>
/// <param name="Revision">The store's revision.</param>
/// <param name="Instances">In the order of their ids.</param>
public sealed record ServiceView(Revision Revision, IReadOnlyList<ServiceInstance> Instances);

using System.Collections.Immutable;

namespace Lepton.Coordination.Recipes;

/// <summary>One instance of a service.</summary>
/// <param name="Service">The service's name; no <c>/</c> in it.</param>
/// <param name="Id">The instance's name, which no other instance of the service has; no <c>/</c> in it.</param>
/// <param name="Address">Where it is reached; the registry does not look at it.</param>
public sealed record ServiceInstance(string Service, string Id, string Address)
{
    /// <summary>What else is to be known of it, such as its version or zone.</summary>
    public ImmutableSortedDictionary<string, string> Metadata { get; init; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
}

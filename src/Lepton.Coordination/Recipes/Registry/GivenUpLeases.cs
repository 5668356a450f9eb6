using Lepton.Coordination.Client;

namespace Lepton.Coordination.Recipes.Registry;

/// <summary>
/// Leases of this registry's that were given up and may not have ended at the servers yet: lost ones, and those of
/// attempts to which there was no answer. An entry on one of them is nobody else's. Thread safe.
/// </summary>
internal sealed class GivenUpLeases
{
    private readonly Lock _gate = new();
    private readonly HashSet<LeaseId> _leases = [];

    public void Add(LeaseId lease)
    {
        lock (_gate)
        {
            _leases.Add(lease);
        }
    }

    public bool Contains(LeaseId lease)
    {
        lock (_gate)
        {
            return _leases.Contains(lease);
        }
    }
}

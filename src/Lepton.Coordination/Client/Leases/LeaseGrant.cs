namespace Lepton.Coordination.Client;

/// <summary>A lease as it was granted.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Ttl">How long it lives without being kept alive; the server may have made it longer than was
/// asked.</param>
public sealed record LeaseGrant(LeaseId Id, TimeSpan Ttl);

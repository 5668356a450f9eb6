namespace Lepton.Coordination.Client;

/// <summary>A key as it was at one revision.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">Its value; empty where only keys were asked for, and in the event of a deletion.</param>
/// <param name="CreateRevision">When the key came to be; a later one after it was deleted and put again.</param>
/// <param name="ModRevision">When it was put last; in the event of a deletion, when it was deleted.</param>
/// <param name="Version">How many times it was put since it came to be, from 1; 0 in the event of a deletion.</param>
/// <param name="Lease">The lease that it ends with, or <see cref="LeaseId.None"/>.</param>
public sealed record KeyValue(
    Bytes Key, Bytes Value, Revision CreateRevision, Revision ModRevision, long Version, LeaseId Lease);

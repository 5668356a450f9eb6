namespace Lepton.Storage.Hosting;

/// <summary>A cluster key.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Made">When it was made.</param>
/// <param name="State"><c>current</c>: it wraps what is new; <c>replaced</c>: objects may still need it;
/// <c>unused</c>: nothing does.</param>
public sealed record StorageClusterKey(string Id, DateTimeOffset Made, string State);

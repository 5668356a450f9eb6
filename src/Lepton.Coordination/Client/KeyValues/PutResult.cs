namespace Lepton.Coordination.Client;

/// <summary>What a put did.</summary>
/// <param name="Revision">The store's revision with the change, the key's new <see
/// cref="KeyValue.ModRevision"/>.</param>
/// <param name="Previous">The key before, where it was asked for and was there.</param>
public sealed record PutResult(Revision Revision, KeyValue? Previous);

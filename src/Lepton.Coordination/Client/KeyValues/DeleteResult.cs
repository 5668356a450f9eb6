namespace Lepton.Coordination.Client;

/// <summary>What a deletion did.</summary>
/// <param name="Revision">The store's revision with the change; the one before where no key was there.</param>
/// <param name="Deleted">How many keys were deleted.</param>
/// <param name="Previous">The keys before, where they were asked for.</param>
public sealed record DeleteResult(Revision Revision, long Deleted, IReadOnlyList<KeyValue> Previous);

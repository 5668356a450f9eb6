namespace Lepton.Objects;

/// <summary>An object that was sent but is not there yet. Whoever has this can finish it, in any process.</summary>
/// <param name="Url">Where it will be.</param>
/// <param name="UploadId">The store's name for what was sent; null: nothing was, the object is empty.</param>
/// <param name="ETags">Of the parts that were sent, in their order.</param>
public sealed record StagedObject(ObjectUrl Url, string? UploadId, IReadOnlyList<string> ETags);

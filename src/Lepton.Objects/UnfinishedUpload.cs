namespace Lepton.Objects;

/// <summary>An upload that was begun, and neither finished nor aborted.</summary>
/// <param name="Url">Where the object would be.</param>
/// <param name="Id">The store's name for it.</param>
/// <param name="BegunAt">When, by the store's clock.</param>
public sealed record UnfinishedUpload(ObjectUrl Url, string Id, DateTimeOffset BegunAt);

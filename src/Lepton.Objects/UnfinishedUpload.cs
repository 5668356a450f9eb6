namespace Lepton.Objects;

/// <summary>An upload in parts that was begun and is not finished.</summary>
/// <param name="Url">Where its object is to be.</param>
/// <param name="Id">Which one it is of those to the same URL, by the store's word.</param>
public sealed record UnfinishedUpload(ObjectUrl Url, string Id);

namespace Lepton.Objects;

/// <summary>What a store says of an object.</summary>
/// <param name="Url">Where it is.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="ModifiedAt">When it was written, by the store's clock.</param>
/// <param name="ETag">Which content it is, without quotation marks; another content has another one.</param>
public sealed record ObjectInfo(ObjectUrl Url, long Bytes, DateTimeOffset ModifiedAt, string ETag)
{
    /// <summary>What it is said to be, such as <c>text/plain</c>; null: nobody said, or it comes from a list.</summary>
    public string? ContentType { get; init; }
}

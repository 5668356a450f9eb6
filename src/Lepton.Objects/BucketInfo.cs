namespace Lepton.Objects;

/// <summary>What a store says of a bucket.</summary>
/// <param name="Name">Its name.</param>
/// <param name="CreatedAt">When it was made, by the store's clock.</param>
public sealed record BucketInfo(string Name, DateTimeOffset CreatedAt)
{
    /// <summary>All that is in it.</summary>
    public ObjectUrl Url => new(Name, "");
}

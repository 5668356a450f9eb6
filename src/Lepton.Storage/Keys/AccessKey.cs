namespace Lepton.Storage.Keys;

/// <summary>An access key with its secret in clear; kept in memory only.</summary>
/// <param name="Id">Its id, which requests name.</param>
/// <param name="Secret">Its secret, with which they are signed.</param>
/// <param name="Buckets">The buckets that it is for; none for all.</param>
/// <param name="MayWrite">Whether it may change anything.</param>
internal sealed record AccessKey(string Id, string Secret, IReadOnlyList<string> Buckets, bool MayWrite)
{
    /// <summary>Whether it is for a bucket.</summary>
    public bool IsFor(string bucket) => Buckets.Count == 0 || Buckets.Contains(bucket, StringComparer.Ordinal);
}

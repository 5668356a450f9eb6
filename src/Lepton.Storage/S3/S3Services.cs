using Lepton.Storage.Objects;

namespace Lepton.Storage.S3;

/// <summary>What the operations work on.</summary>
/// <param name="Objects">Objects.</param>
/// <param name="Buckets">Buckets.</param>
/// <param name="Uploads">Multipart uploads.</param>
/// <param name="Region">What clients are told the region is.</param>
internal sealed record S3Services(ObjectStore Objects, BucketStore Buckets, UploadStore Uploads, string Region);

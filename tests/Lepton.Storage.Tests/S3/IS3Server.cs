using Amazon.S3;

namespace Lepton.Storage.Tests.S3;

/// <summary>A server of S3's protocol.</summary>
public interface IS3Server
{
    /// <summary>Whether it takes bodies in signed chunks, as AWS's SDK sends them unless told otherwise.</summary>
    bool TakesChunks { get; }

    /// <summary>A client of AWS's SDK, with a key that may do everything.</summary>
    Task<AmazonS3Client> NewS3Async();

    /// <summary>A bucket's name that no other test has.</summary>
    string NewBucketName();
}

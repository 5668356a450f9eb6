using System.Runtime.CompilerServices;
using Amazon.S3;
using Amazon.S3.Model;

namespace Lepton.Objects;

/// <summary>
/// Objects that are written by one and finished by another: nobody sees them until then. Thread safe.
/// </summary>
public sealed class ObjectUploads
{
    private readonly ObjectClient _objects;
    private readonly AmazonS3Client _s3;

    internal ObjectUploads(ObjectClient objects, AmazonS3Client s3) => (_objects, _s3) = (objects, s3);

    /// <summary>A stream into an object that is not there before <see cref="FinishAsync"/>.</summary>
    public UploadStream Open(ObjectUrl url, CancellationToken cancellationToken = default) =>
        new(this, url, cancellationToken);

    /// <summary>Makes a staged object appear, whole. What stood there is replaced.</summary>
    /// <exception cref="ObjectException">
    /// The upload was aborted meanwhile, or the store refuses or can't be reached.
    /// </exception>
    public async Task FinishAsync(StagedObject staged, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(staged);
        if (staged.UploadId is null)
        {
            await _objects.PutAsync(staged.Url, ReadOnlyMemory<byte>.Empty, cancellationToken).ConfigureAwait(false);
            return;
        }

        var request = new CompleteMultipartUploadRequest
        {
            BucketName = staged.Url.Bucket,
            Key = staged.Url.Key,
            UploadId = staged.UploadId,
            PartETags = [.. staged.ETags.Select(static (tag, place) => new PartETag(place + 1, tag))],
        };
        await _objects.AskAsync(staged.Url, () => _s3.CompleteMultipartUploadAsync(request, cancellationToken))
            .ConfigureAwait(false);
    }

    /// <summary>Has the store forget an upload; one that is not there counts as forgotten.</summary>
    /// <exception cref="ObjectException">The store refuses or can't be reached.</exception>
    public async Task AbortAsync(ObjectUrl url, string id, CancellationToken cancellationToken = default)
    {
        try
        {
            await _objects.AskAsync(
                url, () => _s3.AbortMultipartUploadAsync(url.Bucket, url.Key, id, cancellationToken))
                .ConfigureAwait(false);
        }
        catch (ObjectException e) when (e.IsNotFound)
        {
            return;
        }
    }

    /// <summary>The uploads of objects whose URLs begin with one.</summary>
    /// <exception cref="ObjectException">There is no such bucket, or the store refuses or can't be reached.</exception>
    public async IAsyncEnumerable<UnfinishedUpload> ListAsync(
        ObjectUrl prefix, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var request = new ListMultipartUploadsRequest { BucketName = prefix.Bucket, Prefix = prefix.Key };
        for (bool isMore = true; isMore;)
        {
            ListMultipartUploadsResponse page = await _objects.AskAsync(
                prefix, () => _s3.ListMultipartUploadsAsync(request, cancellationToken)).ConfigureAwait(false);
            foreach (Amazon.S3.Model.MultipartUpload upload in page.MultipartUploads ?? [])
            {
                yield return new UnfinishedUpload(
                    prefix with { Key = upload.Key }, upload.UploadId,
                    new DateTimeOffset((upload.Initiated ?? default).ToUniversalTime(), TimeSpan.Zero));
            }

            isMore = page.IsTruncated is true;
            (request.KeyMarker, request.UploadIdMarker) = (page.NextKeyMarker, page.NextUploadIdMarker);
        }
    }

    internal async Task<string> BeginAsync(ObjectUrl url, CancellationToken cancellationToken) =>
        (await _objects.AskAsync(
            url, () => _s3.InitiateMultipartUploadAsync(url.Bucket, url.Key, cancellationToken))
            .ConfigureAwait(false)).UploadId;

    internal async Task<string> SendAsync(
        StagedObject upload, int number, ArraySegment<byte> bytes, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false);
        var request = new UploadPartRequest
        {
            BucketName = upload.Url.Bucket,
            Key = upload.Url.Key,
            UploadId = upload.UploadId,
            PartNumber = number,
            InputStream = content,
            PartSize = bytes.Count,
        };
        return (await _objects.AskAsync(upload.Url, () => _s3.UploadPartAsync(request, cancellationToken))
            .ConfigureAwait(false)).ETag;
    }
}

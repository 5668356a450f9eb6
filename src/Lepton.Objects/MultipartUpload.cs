using System.Collections.Concurrent;
using Amazon.S3;
using Amazon.S3.Model;

namespace Lepton.Objects;

/// <summary>
/// An object on its way in parts: it appears when all of them are there, and what was sent is taken back otherwise.
/// Thread safe.
/// </summary>
internal sealed class MultipartUpload
{
    private readonly ObjectClient _objects;
    private readonly AmazonS3Client _s3;
    private readonly ObjectUrl _url;
    private readonly string _id;
    private readonly ConcurrentQueue<PartETag> _sent = new();

    private MultipartUpload(ObjectClient objects, AmazonS3Client s3, ObjectUrl url, string id) =>
        (_objects, _s3, _url, _id) = (objects, s3, url, id);

    /// <summary>Begins an upload, has its parts sent, and ends it, well or not.</summary>
    /// <param name="objects">How failures are told.</param>
    /// <param name="s3">Who sends.</param>
    /// <param name="url">Where to.</param>
    /// <param name="send">Sends all parts, in any order.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static Task RunAsync(
        ObjectClient objects, AmazonS3Client s3, ObjectUrl url, Func<MultipartUpload, Task> send,
        CancellationToken cancellationToken) => RunAsync(
            objects, s3, url, new InitiateMultipartUploadRequest { BucketName = url.Bucket, Key = url.Key }, send,
            cancellationToken);

    /// <summary>The same, of an object of which something is said.</summary>
    /// <param name="objects">How failures are told.</param>
    /// <param name="s3">Who sends.</param>
    /// <param name="url">Where to.</param>
    /// <param name="begin">What is said of the object.</param>
    /// <param name="send">Sends all parts, in any order.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task RunAsync(
        ObjectClient objects, AmazonS3Client s3, ObjectUrl url, InitiateMultipartUploadRequest begin,
        Func<MultipartUpload, Task> send, CancellationToken cancellationToken)
    {
        string id = await objects.AskAsync(url, async () =>
            (await s3.InitiateMultipartUploadAsync(begin, cancellationToken).ConfigureAwait(false)).UploadId)
            .ConfigureAwait(false);
        MultipartUpload upload = new(objects, s3, url, id);
        try
        {
            await send(upload).ConfigureAwait(false);
            await upload.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await upload.TakeBackAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Sends a part.</summary>
    /// <param name="request">Its number and its content; where to is filled in.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task SendAsync(UploadPartRequest request, CancellationToken cancellationToken)
    {
        (request.BucketName, request.Key, request.UploadId) = (_url.Bucket, _url.Key, _id);
        UploadPartResponse sent = await _objects.AskAsync(_url, () => _s3.UploadPartAsync(request, cancellationToken))
            .ConfigureAwait(false);
        _sent.Enqueue(new PartETag(sent));
    }

    /// <summary>Has the store take a part from an object that it has.</summary>
    /// <param name="request">Its number and its source; where to is filled in.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task CopyAsync(CopyPartRequest request, CancellationToken cancellationToken)
    {
        (request.DestinationBucket, request.DestinationKey, request.UploadId) = (_url.Bucket, _url.Key, _id);
        CopyPartResponse sent = await _objects.AskAsync(_url, () => _s3.CopyPartAsync(request, cancellationToken))
            .ConfigureAwait(false);
        _sent.Enqueue(new PartETag(sent));
    }

    private async Task CompleteAsync(CancellationToken cancellationToken) =>
        await _objects.AskAsync(_url, () => _s3.CompleteMultipartUploadAsync(
            new CompleteMultipartUploadRequest
            {
                BucketName = _url.Bucket,
                Key = _url.Key,
                UploadId = _id,
                PartETags = [.. _sent.OrderBy(static part => part.PartNumber)],
            },
            cancellationToken)).ConfigureAwait(false);

    private async Task TakeBackAsync()
    {
        try
        {
            await _s3.AbortMultipartUploadAsync(_url.Bucket, _url.Key, _id, CancellationToken.None)
                .ConfigureAwait(false);
        }
        catch (Exception e) when (StoreFaults.IsOne(e))
        {
            // What stopped the upload stops this too; stores remove what was begun and left.
            return;
        }
    }
}

using System.Net;
using System.Runtime.CompilerServices;
using Amazon.S3;
using Amazon.S3.Model;

namespace Lepton.Objects;

/// <summary>
/// Objects of a store that speaks S3: Lepton's own, Amazon's, or any other. Calls are repeated where the network or
/// the store fails for a moment. Thread safe.
/// </summary>
/// <remarks>Bytes are checked by CRC-32 on their way in, as the SDK does, and by the store.</remarks>
public sealed class ObjectClient : IDisposable
{
    private const int DeletedAtOnce = 1000;
    private readonly AmazonS3Client _s3;
    private readonly StoreAddress _store;

    /// <exception cref="ObjectException">The address is none, or its file of authorities can't be used.</exception>
    public ObjectClient(StoreAddress store)
    {
        ArgumentNullException.ThrowIfNull(store);
        _store = store;
        _s3 = store.NewClient();
        Uploads = new ObjectUploads(this, _s3);
    }

    /// <summary>Which store it is, as people know it: its address.</summary>
    public string StoreName => _store.Name;

    /// <summary>Objects that are written by one and finished by another.</summary>
    public ObjectUploads Uploads { get; }

    /// <summary>A client by the environment, as <see cref="StoreAddress.FromEnvironment"/> reads it.</summary>
    /// <exception cref="ObjectException">It names no store, or no key for it.</exception>
    public static ObjectClient FromEnvironment() => new(StoreAddress.FromEnvironment());

    /// <summary>What there is at a URL; null: nothing.</summary>
    /// <exception cref="ObjectException">The store refuses or can't be reached.</exception>
    public async Task<ObjectInfo?> FindAsync(ObjectUrl url, CancellationToken cancellationToken = default)
    {
        try
        {
            return await AskAsync(url, async () =>
            {
                GetObjectMetadataResponse head = await _s3.GetObjectMetadataAsync(
                    url.Bucket, url.Key, cancellationToken).ConfigureAwait(false);
                return Info(url, head.ContentLength, head.LastModified, head.ETag) with
                {
                    ContentType = head.Headers.ContentType,
                };
            }).ConfigureAwait(false);
        }
        catch (ObjectException e) when (e.IsNotFound)
        {
            return null;
        }
        catch (ObjectException e) when (e.InnerException is AmazonS3Exception
            { StatusCode: HttpStatusCode.BadRequest })
        {
            // An answer to HEAD has no words; one to GET says what is wrong with the request.
            Stream body = await OpenAsync(url, 0, 1, cancellationToken: cancellationToken).ConfigureAwait(false);
            await body.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>What there is at a URL, where something has to be.</summary>
    /// <exception cref="ObjectException">
    /// There is no such object or no such bucket, the message says which; or the store refuses or can't be reached.
    /// </exception>
    public async Task<ObjectInfo> GetInfoAsync(ObjectUrl url, CancellationToken cancellationToken = default)
    {
        if (await FindAsync(url, cancellationToken).ConfigureAwait(false) is { } info)
        {
            return info;
        }

        // An answer to HEAD has no words; one to a list says whether it is the bucket that is missing.
        var request = new ListObjectsV2Request { BucketName = url.Bucket, Prefix = url.Key, MaxKeys = 1 };
        await AskAsync(url, () => _s3.ListObjectsV2Async(request, cancellationToken)).ConfigureAwait(false);
        throw StoreFaults.NoSuchObject(url);
    }

    /// <summary>The buckets that the key may see, in the order of their names.</summary>
    /// <exception cref="ObjectException">The store refuses or can't be reached.</exception>
    public async Task<IReadOnlyList<BucketInfo>> ListBucketsAsync(CancellationToken cancellationToken = default)
    {
        List<BucketInfo> buckets = [];
        var request = new ListBucketsRequest();
        do
        {
            ListBucketsResponse page = await AskAsync(null, () => _s3.ListBucketsAsync(request, cancellationToken))
                .ConfigureAwait(false);
            buckets.AddRange((page.Buckets ?? []).Select(static bucket =>
                new BucketInfo(bucket.BucketName, Time(bucket.CreationDate))));
            request.ContinuationToken = page.ContinuationToken;
        }
        while (!string.IsNullOrEmpty(request.ContinuationToken));
        buckets.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        return buckets;
    }

    /// <summary>The objects whose URLs begin with one, in the order of their keys' UTF-8 bytes.</summary>
    /// <exception cref="ObjectException">There is no such bucket, or the store refuses or can't be reached.</exception>
    public async IAsyncEnumerable<ObjectInfo> ListAsync(
        ObjectUrl prefix, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (ListObjectsV2Response page in PagesAsync(prefix, delimiter: null, cancellationToken)
            .ConfigureAwait(false))
        {
            foreach (S3Object entry in page.S3Objects ?? [])
            {
                yield return Info(prefix with { Key = entry.Key }, entry.Size, entry.LastModified, entry.ETag);
            }
        }
    }

    /// <summary>One level, as a folder is listed: the objects right below a URL, and what further ones begin with, up
    /// to the next slash.</summary>
    /// <exception cref="ObjectException">There is no such bucket, or the store refuses or can't be reached.</exception>
    public async Task<(IReadOnlyList<ObjectUrl> Folders, IReadOnlyList<ObjectInfo> Objects)> ListLevelAsync(
        ObjectUrl prefix, CancellationToken cancellationToken = default)
    {
        List<ObjectUrl> folders = [];
        List<ObjectInfo> objects = [];
        await foreach (ListObjectsV2Response page in PagesAsync(prefix, "/", cancellationToken).ConfigureAwait(false))
        {
            folders.AddRange((page.CommonPrefixes ?? []).Select(key => prefix with { Key = key }));
            objects.AddRange((page.S3Objects ?? []).Select(entry =>
                Info(prefix with { Key = entry.Key }, entry.Size, entry.LastModified, entry.ETag)));
        }

        return (folders, objects);
    }

    /// <summary>Reads an object, all or a range of its bytes. The caller disposes the stream.</summary>
    /// <param name="url">Which.</param>
    /// <param name="offset">The first byte.</param>
    /// <param name="count">How many; -1: to its end.</param>
    /// <param name="ifETag">Fails unless the object still is this one; null: whatever is there.</param>
    /// <param name="cancellationToken">Ends the call, not the reading.</param>
    /// <exception cref="ObjectException">It is not there, or the store refuses or can't be reached.</exception>
    public Task<Stream> OpenAsync(
        ObjectUrl url, long offset = 0, long count = -1, string? ifETag = null,
        CancellationToken cancellationToken = default) => AskAsync(url, async () =>
        {
            var request = new GetObjectRequest { BucketName = url.Bucket, Key = url.Key, EtagToMatch = ifETag };
            if (offset > 0 || count >= 0)
            {
                request.ByteRange = count < 0
                    ? new ByteRange($"bytes={offset}-")
                    : new ByteRange(offset, offset + count - 1);
            }

            GetObjectResponse response = await _s3.GetObjectAsync(request, cancellationToken).ConfigureAwait(false);
            return response.ResponseStream;
        });

    /// <summary>
    /// One version of an object as a stream, from some byte on. It is asked for as it is read, in ranges; where the
    /// way breaks, it goes on from there. See <see cref="ObjectStream"/>.
    /// </summary>
    /// <param name="version">Which, as the store told of it: its URL, size and ETag are used.</param>
    /// <param name="offset">The first byte.</param>
    /// <param name="endHint">Where the reader will likely end: what lies behind is not read ahead.</param>
    /// <param name="cancellationToken">Ends reads.</param>
    public ObjectStream OpenVersion(
        ObjectInfo version, long offset = 0, long endHint = long.MaxValue,
        CancellationToken cancellationToken = default) => new(this, version, offset, endHint, cancellationToken);

    /// <summary>Reads a whole small object.</summary>
    /// <inheritdoc cref="OpenAsync"/>
    public async Task<byte[]> ReadAsync(ObjectUrl url, CancellationToken cancellationToken = default)
    {
        using var content = new MemoryStream();
        Stream stream = await OpenAsync(url, cancellationToken: cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            await AskAsync(url, async () =>
            {
                await stream.CopyToAsync(content, cancellationToken).ConfigureAwait(false);
                return true;
            }).ConfigureAwait(false);
        }

        return content.ToArray();
    }

    /// <summary>Writes a small object in one request: it appears whole or not at all.</summary>
    /// <exception cref="ObjectException">
    /// The store refuses or can't be reached; what stood there still does.
    /// </exception>
    public Task PutAsync(
        ObjectUrl url, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
        AskAsync(url, async () =>
        {
            using var stream = new MemoryStream(content.ToArray(), writable: false);
            return await _s3.PutObjectAsync(
                new PutObjectRequest { BucketName = url.Bucket, Key = url.Key, InputStream = stream },
                cancellationToken).ConfigureAwait(false);
        });

    /// <summary>Writes a small object in one request, unless another one was written there meanwhile.</summary>
    /// <param name="url">Where.</param>
    /// <param name="content">All of it.</param>
    /// <param name="ifETag">The object that it replaces; null: there is none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>
    /// False where what is there is not that, and nothing was written; also where the answer to a first attempt was
    /// lost, so look at what is there.
    /// </returns>
    /// <exception cref="ObjectException">The store refuses or can't be reached.</exception>
    public async Task<bool> TryPutAsync(
        ObjectUrl url, ReadOnlyMemory<byte> content, string? ifETag, CancellationToken cancellationToken = default)
    {
        using var stream = new MemoryStream(content.ToArray(), writable: false);
        var request = new PutObjectRequest
        {
            BucketName = url.Bucket,
            Key = url.Key,
            InputStream = stream,
            IfMatch = ifETag is null ? null : $"\"{ifETag}\"",
            IfNoneMatch = ifETag is null ? "*" : null,
        };
        try
        {
            await AskAsync(url, () => _s3.PutObjectAsync(request, cancellationToken)).ConfigureAwait(false);
            return true;
        }
        catch (ObjectException e) when (e.Failure is ObjectFailure.Changed
            || (ifETag is not null && e.InnerException is AmazonS3Exception { ErrorCode: "NoSuchKey" }))
        {
            return false;
        }
    }

    /// <summary>
    /// Writes a file as an object, in parts at once where it is long. It appears whole or not at all.
    /// </summary>
    /// <param name="path">The file; it must not change meanwhile.</param>
    /// <param name="url">Where.</param>
    /// <param name="progress">Told of bytes that were sent, as they are; null: nobody.</param>
    /// <param name="cancellationToken">Ends it; parts that were sent are taken back.</param>
    /// <returns>How many bytes it has.</returns>
    /// <exception cref="ObjectException">
    /// The store refuses or can't be reached; what stood there still does.
    /// </exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    public Task<long> UploadAsync(
        string path, ObjectUrl url, IProgress<long>? progress = null, CancellationToken cancellationToken = default) =>
        new FileUpload(this, _s3, path, url, progress).RunAsync(cancellationToken);

    /// <summary>
    /// Writes what comes out of a stream as an object, in parts at once where it is long: up to 156 GiB. It appears
    /// whole or not at all.
    /// </summary>
    /// <param name="content">Read to its end; the caller's to dispose.</param>
    /// <param name="url">Where.</param>
    /// <param name="progress">Told of bytes that were sent, as they are; null: nobody.</param>
    /// <param name="cancellationToken">
    /// Ends it, and waits for no read of the stream; parts that were sent are taken back.
    /// </param>
    /// <returns>How many bytes it has.</returns>
    /// <exception cref="ObjectException">
    /// The store refuses or can't be reached; what stood there still does.
    /// </exception>
    /// <exception cref="IOException">The stream can't be read.</exception>
    public Task<long> UploadAsync(
        Stream content, ObjectUrl url, IProgress<long>? progress = null,
        CancellationToken cancellationToken = default) =>
        new StreamUpload(this, _s3, content, url, progress).RunAsync(cancellationToken);

    /// <summary>Reads an object into a file, in ranges at once where it is long. The file appears whole or not at
    /// all.</summary>
    /// <param name="url">Which.</param>
    /// <param name="path">The file; what stands there is replaced.</param>
    /// <param name="progress">Told of bytes that came, as they do; null: nobody.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ObjectException">
    /// It is not there, was replaced meanwhile, or the store refuses or can't be reached.
    /// </exception>
    /// <exception cref="IOException">The file can't be written.</exception>
    public Task DownloadAsync(
        ObjectUrl url, string path, IProgress<long>? progress = null, CancellationToken cancellationToken = default) =>
        new FileDownload(this, url, path, isResumed: false, progress).RunAsync(cancellationToken);

    /// <summary>
    /// The same, where the next attempt may be another process's: what has come of a long object stays beside the file,
    /// as <c>.NAME.lepton-partial</c>, and is gone on from as long as the object is the same version.
    /// </summary>
    /// <returns>How many of its bytes an earlier attempt had left here; they are told to <paramref name="progress"/>,
    /// too.</returns>
    /// <inheritdoc cref="DownloadAsync(ObjectUrl, string, IProgress{long}?, CancellationToken)"/>
    public Task<long> ResumeDownloadAsync(
        ObjectUrl url, string path, IProgress<long>? progress = null, CancellationToken cancellationToken = default) =>
        new FileDownload(this, url, path, isResumed: true, progress).RunAsync(cancellationToken);

    /// <summary>Whether a file is what <see cref="ResumeDownloadAsync"/> leaves.</summary>
    public static bool IsPartial(string path)
    {
        string name = Path.GetFileName(path);
        return name.StartsWith('.') && name.EndsWith(PartialFile.Suffix, StringComparison.Ordinal);
    }

    /// <summary>Reads an object into a stream, from its beginning to its end.</summary>
    /// <param name="url">Which.</param>
    /// <param name="content">Written as bytes come; the caller's to dispose. After a failure it has a part.</param>
    /// <param name="progress">Told of bytes that came, as they do; null: nobody.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ObjectException">
    /// It is not there, the answer ended early, or the store refuses or can't be reached.
    /// </exception>
    /// <exception cref="IOException">The stream can't be written.</exception>
    public async Task DownloadAsync(
        ObjectUrl url, Stream content, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        ObjectInfo info = await GetInfoAsync(url, cancellationToken).ConfigureAwait(false);
        Stream body = await OpenAsync(url, ifETag: info.ETag, cancellationToken: cancellationToken)
            .ConfigureAwait(false);
        await using var disposal = body.ConfigureAwait(false);
        await new BodyReader(this, url, progress).ReadAsync(
            body, 0, info.Bytes, (chunk, _) => content.WriteAsync(chunk, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Deletes objects; those that are not there count as deleted.</summary>
    /// <param name="urls">All of one bucket.</param>
    /// <param name="cancellationToken">Ends it between two requests of a thousand.</param>
    /// <exception cref="ObjectException">Some could not be deleted; the message names the first.</exception>
    public async Task DeleteAsync(IReadOnlyList<ObjectUrl> urls, CancellationToken cancellationToken = default)
    {
        foreach (ObjectUrl[] some in urls.Chunk(DeletedAtOnce))
        {
            var request = new DeleteObjectsRequest
            {
                BucketName = some[0].Bucket,
                Objects = [.. some.Select(static url => new KeyVersion { Key = url.Key })],
                Quiet = true,
            };
            await AskAsync(some[0], () => _s3.DeleteObjectsAsync(request, cancellationToken)).ConfigureAwait(false);
        }
    }

    /// <summary>Copies an object within the store, of any size; what was said of it goes along. The copy appears whole
    /// or not at all.</summary>
    /// <param name="from">The object.</param>
    /// <param name="to">Where its copy goes.</param>
    /// <param name="progress">Told of bytes that were copied, as they are; null: nobody.</param>
    /// <param name="cancellationToken">Ends it; parts that were copied are taken back.</param>
    /// <exception cref="ObjectException">
    /// It is not there, was replaced meanwhile, or the store refuses or can't be reached.
    /// </exception>
    public Task CopyAsync(
        ObjectUrl from, ObjectUrl to, IProgress<long>? progress = null,
        CancellationToken cancellationToken = default) =>
        NewCopy(from, to, progress).RunAsync(cancellationToken);

    /// <summary>Makes a bucket; one of the same owner that is there stays as it is.</summary>
    /// <returns>Whether it was made: false where it was there.</returns>
    /// <exception cref="ObjectException">The store refuses or can't be reached.</exception>
    public Task<bool> MakeBucketAsync(string bucket, CancellationToken cancellationToken = default) =>
        AskAsync(new ObjectUrl(bucket, ""), async () =>
        {
            try
            {
                await _s3.PutBucketAsync(bucket, cancellationToken).ConfigureAwait(false);
            }
            catch (BucketAlreadyOwnedByYouException)
            {
                return false;
            }

            return true;
        });

    /// <summary>Deletes an empty bucket.</summary>
    /// <exception cref="ObjectException">
    /// It is not there or not empty, or the store refuses or can't be reached.
    /// </exception>
    public Task DeleteBucketAsync(string bucket, CancellationToken cancellationToken = default) =>
        AskAsync(new ObjectUrl(bucket, ""), () => _s3.DeleteBucketAsync(bucket, cancellationToken));

    /// <summary>A URL by which who has no key may read an object, or write it, for some time.</summary>
    /// <param name="url">Which.</param>
    /// <param name="time">How long: above 0, up to seven days.</param>
    /// <param name="isForWriting">For PUT, not GET.</param>
    public async Task<Uri> PresignAsync(ObjectUrl url, TimeSpan time, bool isForWriting = false) =>
        new(await _s3.GetPreSignedURLAsync(new GetPreSignedUrlRequest
        {
            BucketName = url.Bucket,
            Key = url.Key,
            Verb = isForWriting ? HttpVerb.PUT : HttpVerb.GET,
            Expires = TimeProvider.System.GetUtcNow().UtcDateTime + time,
            Protocol = _store.Endpoint?.StartsWith("http:", StringComparison.OrdinalIgnoreCase) is true
                ? Protocol.HTTP
                : Protocol.HTTPS,
        }).ConfigureAwait(false));

    public void Dispose() => _s3.Dispose();

    internal ObjectCopy NewCopy(ObjectUrl from, ObjectUrl to, IProgress<long>? progress) =>
        new(this, _s3, from, to, progress);

    /// <summary>Has the store asked, and its failures told.</summary>
    /// <param name="url">What it is about; null: the store as such.</param>
    /// <param name="call">Asks.</param>
    internal async Task<T> AskAsync<T>(ObjectUrl? url, Func<Task<T>> call)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (Exception e) when (StoreFaults.IsOne(e))
        {
            throw StoreFaults.Of(e, _store.Name, url);
        }
    }

    private async IAsyncEnumerable<ListObjectsV2Response> PagesAsync(
        ObjectUrl prefix, string? delimiter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new ListObjectsV2Request
        {
            BucketName = prefix.Bucket, Prefix = prefix.Key, Delimiter = delimiter,
        };
        do
        {
            ListObjectsV2Response page = await AskAsync(
                prefix, () => _s3.ListObjectsV2Async(request, cancellationToken)).ConfigureAwait(false);
            yield return page;
            request.ContinuationToken = page.IsTruncated is true ? page.NextContinuationToken : null;
        }
        while (request.ContinuationToken is not null);
    }

    private static ObjectInfo Info(ObjectUrl url, long? bytes, DateTime? modified, string? tag) => new(
        url, bytes ?? 0, Time(modified), (tag ?? "").Trim('"'));

    private static DateTimeOffset Time(DateTime? time) => new((time ?? default).ToUniversalTime(), TimeSpan.Zero);
}

using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using Lepton.Storage.Hosting;
using Lepton.Storage.Metadata;

namespace Lepton.Storage.Tests.S3;

/// <summary>Encryption at rest, as AWS's SDK asks for it.</summary>
public sealed class LeptonEncryptionTests(StorageFixture storage) : S3Test(storage)
{
    private const int PartBytes = 5 * 1024 * 1024;
    private static readonly ServerSideEncryptionMethod s_aes = ServerSideEncryptionMethod.AES256;

    [Fact]
    public async Task BucketEncryption_PutGetDelete_AreAsTheyWereSaid()
    {
        await HasNoneAsync();
        await EncryptAsync(Bucket);
        GetBucketEncryptionResponse told = await S3.GetBucketEncryptionAsync(
            new GetBucketEncryptionRequest { BucketName = Bucket }, Cancellation);
        ServerSideEncryptionRule rule = Assert.Single(told.ServerSideEncryptionConfiguration.ServerSideEncryptionRules);
        Assert.Equal(s_aes, rule.ServerSideEncryptionByDefault.ServerSideEncryptionAlgorithm);
        await S3.DeleteBucketEncryptionAsync(
            new DeleteBucketEncryptionRequest { BucketName = Bucket }, Cancellation);
        await HasNoneAsync();
        await FailsAsync("NoSuchBucket", () => EncryptAsync("no-such-bucket"));
    }

    [Fact]
    public async Task BucketEncryption_WhatIsNotSupported_IsRefusedAndChangesNothing()
    {
        await FailsAsync("NotImplemented", () => EncryptAsync(Bucket, ServerSideEncryptionMethod.AWSKMS));
        await FailsAsync("InvalidArgument", () => EncryptAsync(Bucket, new ServerSideEncryptionMethod("ROT13")));
        await FailsAsync("NotImplemented", () => EncryptAsync(Bucket, s_aes, rule => rule.BucketKeyEnabled = true));
        await FailsAsync("NotImplemented", () => EncryptAsync(
            Bucket, s_aes, rule => rule.ServerSideEncryptionByDefault.ServerSideEncryptionKeyManagementServiceKeyId =
                "arn:key"));
        await HasNoneAsync();
        await EncryptAsync(Bucket, s_aes, rule => rule.BucketKeyEnabled = false);
    }

    [Fact]
    public async Task Put_IntoAnEncryptedBucket_IsEncryptedAndToldEverywhere()
    {
        byte[] before = Pattern.Of(3_000_000, 1);
        Assert.Null((await PutAsync("before", before)).ServerSideEncryptionMethod);
        await EncryptAsync(Bucket);
        byte[] content = Pattern.Of(3_000_000, 2);
        Assert.Equal(s_aes, (await PutAsync("a", content)).ServerSideEncryptionMethod);
        GetObjectMetadataResponse head = await S3.GetObjectMetadataAsync(Bucket, "a", Cancellation);
        Assert.Equal(s_aes, head.ServerSideEncryptionMethod);
        Assert.Equal(content.Length, head.ContentLength);
        using (GetObjectResponse read = await S3.GetObjectAsync(Bucket, "a", Cancellation))
        {
            Assert.Equal(s_aes, read.ServerSideEncryptionMethod);
        }

        Assert.Equal(content, await GetAsync("a"));
        Assert.Equal(
            content[1_048_570..2_097_160],
            await GetAsync("a", request => request.ByteRange = new ByteRange(1_048_570, 2_097_159)));
        Assert.NotNull((await RecordAsync("a")).Encryption);
        head = await S3.GetObjectMetadataAsync(Bucket, "before", Cancellation);
        Assert.NotEqual(s_aes, head.ServerSideEncryptionMethod);
        Assert.Equal(before, await GetAsync("before"));
    }

    [Fact]
    public async Task Put_AskingForIt_IsEncryptedInAnyBucket()
    {
        PutObjectResponse put = await PutAsync("a", [1, 2], request => request.ServerSideEncryptionMethod = s_aes);
        Assert.Equal(s_aes, put.ServerSideEncryptionMethod);
        Assert.NotNull((await RecordAsync("a")).Encryption);
        Assert.Equal([1, 2], await GetAsync("a"));
    }

    [Fact]
    public async Task Put_ByAPresignedUrl_IsEncryptedAsItsQuerySays()
    {
        using HttpClient http = new();
        foreach ((string value, HttpStatusCode status) in new[]
        {
            ("AES256", HttpStatusCode.OK), ("aws:kms", HttpStatusCode.NotImplemented),
            ("ROT13", HttpStatusCode.BadRequest),
        })
        {
            GetPreSignedUrlRequest request = new()
            {
                BucketName = Bucket,
                Key = "a",
                Verb = HttpVerb.PUT,
                Protocol = Amazon.S3.Protocol.HTTP,
                Expires = TimeProvider.System.GetUtcNow().AddMinutes(5).UtcDateTime,
            };
            request.Parameters.Add("x-amz-server-side-encryption", value);
            using ByteArrayContent content = new([5, 6]);
            using HttpResponseMessage answer = await http.PutAsync(
                await S3.GetPreSignedURLAsync(request), content, Cancellation);
            Assert.Equal(status, answer.StatusCode);
        }

        Assert.NotNull((await RecordAsync("a")).Encryption);
        Assert.Equal([5, 6], await GetAsync("a"));
    }

    [Fact]
    public async Task Send_KeysOfTheClientOrOfAKeyService_IsRefused()
    {
        await PutAsync("there", [1]);
        await FailsAsync("NotImplemented", () => PutAsync(
            "a", [1], request => request.ServerSideEncryptionMethod = ServerSideEncryptionMethod.AWSKMS));
        await FailsAsync("InvalidArgument", () => PutAsync(
            "a", [1], request => request.ServerSideEncryptionMethod = new ServerSideEncryptionMethod("AES128")));
        await FailsAsync("NotImplemented", () => PutAsync("a", [1], request =>
        {
            request.ServerSideEncryptionMethod = s_aes;
            request.ServerSideEncryptionKeyManagementServiceKeyId = "arn:key";
        }));
        await FailsAsync("NoSuchKey", () => GetAsync("a"));
        // The SDK gives keys of clients away over https alone.
        using HttpResponseMessage answer = await SendAsync("x-amz-server-side-encryption-customer-algorithm", "AES256");
        Assert.Equal(HttpStatusCode.NotImplemented, answer.StatusCode);
        using HttpResponseMessage read = await SendAsync("x-amz-server-side-encryption", "AES256");
        Assert.Equal(HttpStatusCode.BadRequest, read.StatusCode);

        async Task<HttpResponseMessage> SendAsync(string name, string value)
        {
            GetPreSignedUrlRequest request = new()
            {
                BucketName = Bucket,
                Key = "there",
                Protocol = Amazon.S3.Protocol.HTTP,
                Expires = TimeProvider.System.GetUtcNow().AddMinutes(5).UtcDateTime,
            };
            request.Headers[name] = value;
            using HttpRequestMessage message = new(HttpMethod.Get, await S3.GetPreSignedURLAsync(request));
            message.Headers.Add(name, value);
            using HttpClient http = new();
            return await http.SendAsync(message, Cancellation);
        }
    }

    [Fact]
    public async Task Copy_WithinAndBetweenBuckets_IsAsTheTargetWantsIt()
    {
        byte[] content = Pattern.Of(2_500_000, 3);
        string encrypted = Bucket + "-encrypted";
        await S3.PutBucketAsync(encrypted, Cancellation);
        await EncryptAsync(encrypted);
        await PutAsync("a", content);
        Assert.Equal(s_aes, (await CopyAsync(Bucket, "a", encrypted, "b")).ServerSideEncryptionMethod);
        Assert.Equal(s_aes, (await CopyAsync(encrypted, "b", encrypted, "c")).ServerSideEncryptionMethod);
        Assert.Null((await CopyAsync(encrypted, "c", Bucket, "d")).ServerSideEncryptionMethod);
        await S3.DeleteObjectAsync(encrypted, "b", Cancellation);
        Assert.Equal(content, await GetAsync("d"));
        Assert.Equal(content, await GetAsync("c", request => request.BucketName = encrypted));
        // The same content has the same entity tag, encrypted or not.
        Assert.Equal(
            (await S3.GetObjectMetadataAsync(Bucket, "a", Cancellation)).ETag,
            (await S3.GetObjectMetadataAsync(encrypted, "c", Cancellation)).ETag);
        CopyObjectResponse inPlace = await CopyAsync(
            Bucket, "a", Bucket, "a", request => request.ServerSideEncryptionMethod = s_aes);
        Assert.Equal(s_aes, inPlace.ServerSideEncryptionMethod);
        Assert.Equal(content, await GetAsync("a"));
        Assert.NotNull((await RecordAsync("a")).Encryption);
    }

    [Fact]
    public async Task Upload_PartsWithARetryAndACopiedOne_IsOneEncryptedObject()
    {
        byte[] first = Pattern.Of(PartBytes, 1);
        byte[] source = Pattern.Of(PartBytes + 10, 2);
        await PutAsync("source", source, request => request.ServerSideEncryptionMethod = s_aes);
        InitiateMultipartUploadResponse begun = await S3.InitiateMultipartUploadAsync(
            new InitiateMultipartUploadRequest
            {
                BucketName = Bucket,
                Key = "a",
                ServerSideEncryptionMethod = s_aes,
            },
            Cancellation);
        Assert.Equal(s_aes, begun.ServerSideEncryptionMethod);
        await PutPartAsync(Pattern.Of(PartBytes, 9));
        UploadPartResponse part = await PutPartAsync(first);
        Assert.Equal(s_aes, part.ServerSideEncryptionMethod);
        CopyPartResponse copied = await S3.CopyPartAsync(
            new CopyPartRequest
            {
                SourceBucket = Bucket,
                SourceKey = "source",
                DestinationBucket = Bucket,
                DestinationKey = "a",
                UploadId = begun.UploadId,
                PartNumber = 2,
                FirstByte = 10,
                LastByte = PartBytes + 9,
            },
            Cancellation);
        CompleteMultipartUploadResponse done = await S3.CompleteMultipartUploadAsync(
            new CompleteMultipartUploadRequest
            {
                BucketName = Bucket,
                Key = "a",
                UploadId = begun.UploadId,
                PartETags = [new PartETag(1, part.ETag), new PartETag(2, copied.ETag)],
            },
            Cancellation);
        Assert.Equal(s_aes, done.ServerSideEncryptionMethod);
        byte[] all = [.. first, .. source[10..]];
        Assert.Equal(all, await GetAsync("a"));
        Assert.Equal(
            all[(PartBytes - 5)..(PartBytes + 5)],
            await GetAsync("a", request => request.ByteRange = new ByteRange(PartBytes - 5, PartBytes + 4)));

        async Task<UploadPartResponse> PutPartAsync(byte[] content)
        {
            using MemoryStream stream = new(content);
            return await S3.UploadPartAsync(
                new UploadPartRequest
                {
                    BucketName = Bucket,
                    Key = "a",
                    UploadId = begun.UploadId,
                    PartNumber = 1,
                    InputStream = stream,
                    UseChunkEncoding = TakesChunks,
                },
                Cancellation);
        }
    }

    /// <summary>The SDK makes no exception of that; the error is in <see cref="RawRequestTests"/>.</summary>
    private async Task HasNoneAsync()
    {
        StorageNode node = await storage.NodeAsync();
        Assert.Null((await node.Objects.RequireBucketAsync(Bucket, Cancellation)).Encryption);
    }

    private Task<PutBucketEncryptionResponse> EncryptAsync(
        string bucket, ServerSideEncryptionMethod? method = null, Action<ServerSideEncryptionRule>? configure = null)
    {
        ServerSideEncryptionRule rule = new()
        {
            ServerSideEncryptionByDefault = new ServerSideEncryptionByDefault
            {
                ServerSideEncryptionAlgorithm = method ?? s_aes,
            },
        };
        configure?.Invoke(rule);
        return S3.PutBucketEncryptionAsync(
            new PutBucketEncryptionRequest
            {
                BucketName = bucket,
                ServerSideEncryptionConfiguration = new ServerSideEncryptionConfiguration
                {
                    ServerSideEncryptionRules = [rule],
                },
            },
            Cancellation);
    }

    private Task<CopyObjectResponse> CopyAsync(
        string fromBucket, string from, string toBucket, string to, Action<CopyObjectRequest>? configure = null)
    {
        CopyObjectRequest request = new()
        {
            SourceBucket = fromBucket,
            SourceKey = from,
            DestinationBucket = toBucket,
            DestinationKey = to,
        };
        configure?.Invoke(request);
        return S3.CopyObjectAsync(request, Cancellation);
    }

    private async Task<ObjectRecord> RecordAsync(string key)
    {
        StorageNode node = await storage.NodeAsync();
        return (await node.Objects.FindAsync(Bucket, key, Cancellation)).Record;
    }
}

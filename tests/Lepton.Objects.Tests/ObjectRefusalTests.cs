using System.Net;
using System.Net.Sockets;

namespace Lepton.Objects.Tests;

/// <summary>Buckets, and what callers are told when something is wrong.</summary>
public sealed class ObjectRefusalTests(StoreFixture store) : ClientTest(store)
{
    [Fact]
    public async Task Bucket_MakeListDelete_DoWhatTheySay()
    {
        Assert.False(await Objects.MakeBucketAsync(Bucket.Bucket, Cancellation));
        IReadOnlyList<BucketInfo> buckets = await Objects.ListBucketsAsync(Cancellation);
        Assert.Contains(Bucket, buckets.Select(static bucket => bucket.Url));
        Assert.Equal(
            buckets.Select(static bucket => bucket.Name).Order(StringComparer.Ordinal),
            buckets.Select(static bucket => bucket.Name));
        await PutAsync("a", [1]);
        ObjectException e = await FailsAsync(() => Objects.DeleteBucketAsync(Bucket.Bucket, Cancellation));
        Assert.Contains("the bucket is not empty", e.Message, StringComparison.Ordinal);
        await Objects.DeleteAsync([Bucket with { Key = "a" }], Cancellation);
        await Objects.DeleteBucketAsync(Bucket.Bucket, Cancellation);
        Assert.DoesNotContain(Bucket, (await Objects.ListBucketsAsync(Cancellation)).Select(static one => one.Url));
    }

    [Fact]
    public async Task Call_NoSuchObjectOrBucket_SaysWhich()
    {
        ObjectUrl none = Bucket with { Key = "f/none" };
        string message = $"{none}: there is no such object. 'lepton object ls s3://{Bucket.Bucket}/f/' shows what " +
            "there is.";
        Assert.Null(await Objects.FindAsync(none, Cancellation));
        await NotFoundAsync(message, () => Objects.GetInfoAsync(none, Cancellation));
        await NotFoundAsync(message, () => Objects.ReadAsync(none, Cancellation));
        await NotFoundAsync(
            message, () => Objects.CopyAsync(none, Bucket with { Key = "x" }, cancellationToken: Cancellation));
        await NotFoundAsync(message, () => Objects.DownloadAsync(none, PathOf("x"), cancellationToken: Cancellation));

        ObjectUrl nowhere = new("no-such-bucket", "k");
        message = $"has no bucket '{nowhere.Bucket}'. Make it with 'lepton object mb s3://{nowhere.Bucket}', or " +
            "correct the name.";
        await NotFoundAsync(message, () => Objects.GetInfoAsync(nowhere, Cancellation));
        await NotFoundAsync(message, () => Objects.PutAsync(nowhere, new byte[] { 1 }, Cancellation));
        await NotFoundAsync(message, () => Objects.DeleteAsync([nowhere], Cancellation));
        await NotFoundAsync(message, () => Objects.ListLevelAsync(nowhere, Cancellation));
        await NotFoundAsync(message, () => Objects.DeleteBucketAsync(nowhere.Bucket, Cancellation));
        await NotFoundAsync(
            message, () => Objects.DownloadAsync(nowhere, PathOf("x"), cancellationToken: Cancellation));
        await PutAsync("a", [1]);
        await NotFoundAsync(
            message, () => Objects.CopyAsync(Bucket with { Key = "a" }, nowhere, cancellationToken: Cancellation));
        Assert.Empty(Files);
    }

    [Fact]
    public async Task Find_RequestThatIsRefused_SaysWhyThoughAnswersToHeadHaveNoWords()
    {
        ObjectException e = await FailsAsync(
            () => Objects.FindAsync(Bucket with { Key = new string('k', 2000) }, Cancellation));
        Assert.Contains(
            "refused: KeyTooLongError: The key has 2000 bytes of UTF-8; 1024 are allowed", e.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_WrongSecretOrTooLittleRight_NamesTheVariables()
    {
        using ObjectClient wrong = new(new StoreAddress
        {
            Endpoint = Store.Address.Endpoint, KeyId = Store.Address.KeyId, Secret = "wrong",
        });
        ObjectException e = await FailsAsync(() => wrong.ListBucketsAsync(Cancellation));
        Assert.Contains("does not know the key, or its secret is another (SignatureDoesNotMatch). Check " +
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", e.Message, StringComparison.Ordinal);
        e = await FailsAsync(() => wrong.FindAsync(Bucket with { Key = "a" }, Cancellation));
        Assert.Contains("refused the key", e.Message, StringComparison.Ordinal);
        using ObjectClient reader = new(await Store.NewReaderAsync());
        e = await FailsAsync(() => reader.PutAsync(Bucket with { Key = "a" }, new byte[] { 1 }, Cancellation));
        Assert.Contains("the key may not do this there", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_NobodyListens_SaysWhereItTried()
    {
        using Socket bound = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        bound.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        string endpoint = $"http://{bound.LocalEndPoint}";
        using ObjectClient client = new(new StoreAddress { Endpoint = endpoint, KeyId = "id", Secret = "secret" });
        ObjectException e = await FailsAsync(() => client.GetInfoAsync(Bucket with { Key = "a" }, Cancellation));
        Assert.Matches(
            $"^s3://{Bucket.Bucket}/a: {endpoint} could not be reached: .*refused.* Check AWS_ENDPOINT_URL, and that " +
            "the store runs\\.$", e.Message);
        Assert.False(e.IsNotFound);
    }

    private static Task<ObjectException> FailsAsync(Func<Task> call) => Assert.ThrowsAsync<ObjectException>(call);

    private static async Task NotFoundAsync(string message, Func<Task> call)
    {
        ObjectException e = await FailsAsync(call);
        Assert.True(e.IsNotFound);
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }
}

using System.Net;
using System.Net.Sockets;
using Lepton.Objects;

namespace Lepton.Storage.Tests.Client;

/// <summary>Lists, deletions, buckets, and what callers are told when something is wrong.</summary>
public sealed class ObjectClientTests(StorageFixture storage) : ClientTest(storage)
{
    [Fact]
    public async Task ListDelete_MoreThanOnePage_TellAndTakeAll()
    {
        string[] keys = [.. Enumerable.Range(0, 1001).Select(static i => $"many/{i:0000}")];
        await Parallel.ForEachAsync(keys, Cancellation, async (key, _) => await PutAsync(key, [1]));
        await PutAsync("other", [1, 2, 3]);
        List<ObjectInfo> listed = await ListAsync("many/");
        Assert.Equal(keys, listed.Select(static info => info.Url.Key));
        Assert.All(listed, static info => Assert.Equal(1, info.Bytes));
        (IReadOnlyList<ObjectUrl> folders, IReadOnlyList<ObjectInfo> objects) =
            await Objects.ListLevelAsync(Bucket, Cancellation);
        Assert.Equal(Bucket with { Key = "many/" }, Assert.Single(folders));
        Assert.Equal(("other", 3), (Assert.Single(objects).Url.Key, objects[0].Bytes));

        await Objects.DeleteAsync([.. listed.Select(static info => info.Url)], Cancellation);
        Assert.Equal("other", Assert.Single(await ListAsync("")).Url.Key);
        await Objects.DeleteAsync([Bucket with { Key = "never" }], Cancellation);
        await Objects.DeleteAsync([], Cancellation);
    }

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
    public async Task Copy_AnObject_IsAnotherOfTheSameContent()
    {
        await PutAsync("a", [1, 2]);
        await Objects.CopyAsync(Bucket with { Key = "a" }, Bucket with { Key = "b ü+" }, Cancellation);
        Assert.Equal([1, 2], await Objects.ReadAsync(Bucket with { Key = "b ü+" }, Cancellation));
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
        await NotFoundAsync(message, () => Objects.CopyAsync(none, Bucket with { Key = "x" }, Cancellation));
        await NotFoundAsync(message, () => Objects.DownloadAsync(none, File("x"), cancellationToken: Cancellation));

        ObjectUrl nowhere = new("no-such-bucket", "k");
        message = $"has no bucket '{nowhere.Bucket}'. Make it with 'lepton object mb s3://{nowhere.Bucket}', or " +
            "correct the name.";
        await NotFoundAsync(message, () => Objects.GetInfoAsync(nowhere, Cancellation));
        await NotFoundAsync(message, () => Objects.PutAsync(nowhere, new byte[] { 1 }, Cancellation));
        await NotFoundAsync(message, () => Objects.DeleteAsync([nowhere], Cancellation));
        await NotFoundAsync(message, () => Objects.ListLevelAsync(nowhere, Cancellation));
        await NotFoundAsync(message, () => Objects.DeleteBucketAsync(nowhere.Bucket, Cancellation));
        await NotFoundAsync(message, () => Objects.DownloadAsync(nowhere, File("x"), cancellationToken: Cancellation));
        await PutAsync("a", [1]);
        await NotFoundAsync(message, () => Objects.CopyAsync(Bucket with { Key = "a" }, nowhere, Cancellation));
        Assert.Empty(Files);
    }

    [Fact]
    public async Task Call_WrongSecretOrTooLittleRight_NamesTheVariables()
    {
        var key = await NewKeyAsync();
        using ObjectClient wrong = await NewClientAsync(key with { Secret = "wrong" });
        ObjectException e = await FailsAsync(() => wrong.ListBucketsAsync(Cancellation));
        Assert.Contains("does not know the key, or its secret is another (SignatureDoesNotMatch). Check " +
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", e.Message, StringComparison.Ordinal);
        e = await FailsAsync(() => wrong.FindAsync(Bucket with { Key = "a" }, Cancellation));
        Assert.Contains("refused the key", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(key.Secret, e.ToString(), StringComparison.Ordinal);
        using ObjectClient reader = await NewClientAsync(await NewKeyAsync(mayWrite: false));
        e = await FailsAsync(() => reader.PutAsync(Bucket with { Key = "a" }, new byte[] { 1 }, Cancellation));
        Assert.Contains("the key may not do this there", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_NobodyListens_SaysWhereItTried()
    {
        using Socket bound = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        bound.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        string endpoint = $"http://{bound.LocalEndPoint}";
        using ObjectClient client = await NewClientAsync(endpoint: endpoint);
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

    private async Task<List<ObjectInfo>> ListAsync(string prefix)
    {
        List<ObjectInfo> listed = [];
        await foreach (ObjectInfo info in Objects.ListAsync(Bucket with { Key = prefix }, Cancellation))
        {
            listed.Add(info);
        }

        return listed;
    }
}

using Amazon.S3;
using Amazon.S3.Model;

namespace Lepton.Storage.Tests.Processes;

/// <summary>The cluster key is replaced by the commands, as an operator does it.</summary>
public sealed class ClusterKeyProcessTests : IAsyncDisposable
{
    private const int ListsMax = 200;
    private readonly CoordinationFixture _coordination = new();
    private readonly TestFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _coordination.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task ClusterKey_RotatedAndDropped_ObjectsAreReadBeforeAndAfter()
    {
        Uri address = await _coordination.AddressAsync();
        string data = _folder.Child("s1");
        string old;
        using (StorageProcess node = await StorageProcess.StartAsync(address, data))
        {
            using AmazonS3Client s3 = node.NewS3();
            await s3.PutBucketAsync("secret", Cancellation);
            using MemoryStream content = new(Pattern.Of(100_000, 1));
            await s3.PutObjectAsync(
                new PutObjectRequest
                {
                    BucketName = "secret",
                    Key = "a",
                    InputStream = content,
                    ServerSideEncryptionMethod = ServerSideEncryptionMethod.AES256,
                },
                Cancellation);
            old = Assert.Single(await ListAsync())[0];
            await RunAsync(0, "rotate");
            Assert.Contains("may still need", await RunAsync(17, "drop", old), StringComparison.Ordinal);
        }

        // Once with the old key in use: the process was stopped before the pass, and goes on at its start.
        using StorageProcess again = await StorageProcess.StartAsync(address, data);
        List<string[]> keys = await ListAsync();
        for (int i = 0; i < ListsMax && keys[0][1] != "unused"; i++)
        {
            keys = await ListAsync();
        }

        Assert.Equal(["unused", "current"], keys.Select(static key => key[1]));
        Assert.Contains("is the current cluster key", await RunAsync(17, "drop", keys[1][0]), StringComparison.Ordinal);
        await RunAsync(0, "drop", old);
        Assert.Equal("current", Assert.Single(await ListAsync())[1]);
        using AmazonS3Client reader = again.NewS3();
        using GetObjectResponse read = await reader.GetObjectAsync("secret", "a", Cancellation);
        using MemoryStream back = new();
        await read.ResponseStream.CopyToAsync(back, Cancellation);
        Assert.Equal(Pattern.Of(100_000, 1), back.ToArray());

        async Task<List<string[]>> ListAsync() =>
        [
            .. (await RunAsync(0, "list")).Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(static line => line.Split('\t')),
        ];

        async Task<string> RunAsync(int exitCode, params string[] arguments)
        {
            (int code, string output, string error) = await StorageProcess.RunAsync(
            [
                "storage", "cluster-key", .. arguments, "--data-dir", data, "--coordination",
                address.GetLeftPart(UriPartial.Authority), "--timeout", "60",
            ]);
            Assert.True(code == exitCode, $"'{string.Join(' ', arguments)}' ended with {code}: {error}");
            return output + error;
        }
    }
}

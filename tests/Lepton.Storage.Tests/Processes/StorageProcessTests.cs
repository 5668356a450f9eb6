using Amazon.S3;
using Amazon.S3.Model;

namespace Lepton.Storage.Tests.Processes;

/// <summary>Each test has a coordination member, and so a store, of its own.</summary>
public sealed class StorageProcessTests : IAsyncDisposable
{
    private readonly CoordinationFixture _coordination = new();
    private readonly TestFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _coordination.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Kill_WhileObjectsArePut_LosesNoneThatWasAcknowledged()
    {
        Uri address = await _coordination.AddressAsync();
        string data = _folder.Child("s1");
        List<int> acknowledged = [];
        using (StorageProcess node = await StorageProcess.StartAsync(address, data))
        {
            using AmazonS3Client s3 = node.NewS3();
            await s3.PutBucketAsync("kept", Cancellation);
            Task putting = Task.WhenAll(Enumerable.Range(0, 4).Select(writer => PutAsync(s3, writer)));
            using PeriodicTimer clock = new(TimeSpan.FromMilliseconds(20));
            while (Count() < 40 && await clock.WaitForNextTickAsync(Cancellation))
            {
                Assert.False(putting.IsFaulted, putting.Exception?.ToString());
            }

            await node.KillAsync();
            await putting;
        }

        using StorageProcess again = await StorageProcess.StartAsync(address, data);
        using AmazonS3Client reader = again.NewS3();
        foreach (int i in acknowledged)
        {
            using GetObjectResponse read = await reader.GetObjectAsync("kept", $"k{i}", Cancellation);
            using MemoryStream content = new();
            await read.ResponseStream.CopyToAsync(content, Cancellation);
            Assert.Equal(Pattern.Of(5000 + i, (ulong)i), content.ToArray());
        }

        async Task PutAsync(AmazonS3Client s3, int writer)
        {
            for (int i = writer; ; i += 4)
            {
                try
                {
                    using MemoryStream content = new(Pattern.Of(5000 + i, (ulong)i));
                    await s3.PutObjectAsync(
                        new PutObjectRequest { BucketName = "kept", Key = $"k{i}", InputStream = content },
                        Cancellation);
                    lock (acknowledged)
                    {
                        acknowledged.Add(i);
                    }
                }
                catch (Exception e) when (e is HttpRequestException or AmazonS3Exception or IOException)
                {
                    // It was killed, as is the point.
                    return;
                }
            }
        }

        int Count()
        {
            lock (acknowledged)
            {
                return acknowledged.Count;
            }
        }
    }

    [Theory]
    [InlineData("KILL")]
    [InlineData("STOP")]
    public async Task Signal_OneOfThreeNodes_EverythingIsReadAndWritten(string signal)
    {
        Uri address = await _coordination.AddressAsync();
        using StorageProcess one = await StorageProcess.StartAsync(address, _folder.Child("s1"));
        string[] key = ["--secret-key", Path.Combine(_folder.Child("s1"), "secret.key")];
        using StorageProcess two = await StorageProcess.StartAsync(address, _folder.Child("s2"), "s2", key);
        using StorageProcess three = await StorageProcess.StartAsync(address, _folder.Child("s3"), "s3", key);
        using AmazonS3Client s3 = one.NewS3();
        await s3.PutBucketAsync("kept", Cancellation);
        await PutAsync(0, 10);
        await two.SignalAsync(signal);
        await PutAsync(10, 15);
        using AmazonS3Client reader = three.NewS3(one);
        for (int i = 0; i < 15; i++)
        {
            using GetObjectResponse read = await reader.GetObjectAsync("kept", $"k{i}", Cancellation);
            using MemoryStream content = new();
            await read.ResponseStream.CopyToAsync(content, Cancellation);
            Assert.Equal(Pattern.Of(100_000 + i, (ulong)i), content.ToArray());
        }

        (int code, string output, string error) = await StorageProcess.RunAsync(
            "storage", "status", "--coordination",
            address.GetLeftPart(UriPartial.Authority), "--timeout", "60", "--json");
        Assert.True(code == 0, error);
        Assert.Equal(3, output.Trim().Split('\n').Length);

        async Task PutAsync(int from, int to)
        {
            for (int i = from; i < to; i++)
            {
                using MemoryStream content = new(Pattern.Of(100_000 + i, (ulong)i));
                await s3.PutObjectAsync(
                    new PutObjectRequest { BucketName = "kept", Key = $"k{i}", InputStream = content }, Cancellation);
            }
        }
    }

    [Fact]
    public async Task Start_DirectoryInUseOrWithoutTheKey_IsRefused()
    {
        Uri address = await _coordination.AddressAsync();
        using StorageProcess node = await StorageProcess.StartAsync(address, _folder.Child("s1"));
        string[] where =
        [
            "--listen", "http://127.0.0.1:0", "--timeout", "60", "--coordination",
            address.GetLeftPart(UriPartial.Authority),
        ];
        (int code, _, string error) = await StorageProcess.RunAsync(
            ["storage", "--name", "s1", "--data-dir", _folder.Child("s1"), .. where]);
        Assert.Equal(17, code);
        Assert.Contains("in use", error, StringComparison.Ordinal);
        (code, _, error) = await StorageProcess.RunAsync(
            ["storage", "--name", "s2", "--data-dir", _folder.Child("s2"), .. where]);
        Assert.Equal(17, code);
        Assert.Contains("--secret-key", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Key_AddListRemove_DoWhatTheySay()
    {
        Uri address = await _coordination.AddressAsync();
        using StorageProcess node = await StorageProcess.StartAsync(address, _folder.Child("keys"));
        string[] where =
        [
            "--data-dir", _folder.Child("keys"), "--timeout", "60", "--coordination",
            address.GetLeftPart(UriPartial.Authority),
        ];
        (int code, string output, string error) = await StorageProcess.RunAsync(
            ["storage", "key", "add", "--bucket", "data", "--read-only", .. where]);
        Assert.True(code == 0, error);
        string id = output.Split('\t')[0];
        (_, output, _) = await StorageProcess.RunAsync(["storage", "key", "list", .. where]);
        Assert.Contains($"{id}\tread\tdata\n", output, StringComparison.Ordinal);
        Assert.Equal(0, (await StorageProcess.RunAsync(["storage", "key", "rm", id, .. where])).ExitCode);
        Assert.Equal(16, (await StorageProcess.RunAsync(["storage", "key", "rm", id, .. where])).ExitCode);
    }
}

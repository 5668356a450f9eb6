using System.Diagnostics;
using System.Globalization;
using Amazon.S3.Model;
using Lepton.Storage.Hosting;
using Lepton.Storage.Keys;
using Lepton.Storage.Tests.S3;

namespace Lepton.Storage.Tests.Clients;

/// <summary>
/// A tree of 1,000 files and one larger file, there and back, by the clients of Debian's. The larger file has 1 GB with
/// one of them; with all of them where LEPTON_LARGE is 1, as <c>./test.sh --large</c> has it.
/// </summary>
public sealed class DebianClientTests(StorageFixture storage) : S3Test(storage), IDisposable
{
    private const long FullBytes = 1_000_000_000;
    private const long ShortBytes = 20 * 1024 * 1024;
    private const int Objects = FileTree.SmallFiles + 1;
    private readonly TestFolder _folder = new();
    private readonly Stopwatch _step = Stopwatch.StartNew();
    private AccessKey _key = null!;
    private string _address = "";

    private static long LargeBytes =>
        Environment.GetEnvironmentVariable("LEPTON_LARGE") is "1" ? FullBytes : ShortBytes;

    private FileTree Tree => new(_folder);

    public void Dispose() => _folder.Dispose();

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        StorageNode node = await storage.NodeAsync();
        _key = await node.Keys.AddAsync([], mayWrite: true, Cancellation);
        _address = node.Address.GetLeftPart(UriPartial.Authority);
    }

    [Fact]
    public async Task Aws_SyncCopyListRemove_Work()
    {
        ClientProgram aws = Aws();
        await BeginAsync(aws, LargeBytes);
        string[] s3 = ["--endpoint-url", _address, "--no-cli-pager", "s3"];
        await aws.RunAsync([.. s3, "sync", "--no-progress", Tree.Source, $"s3://{Bucket}/tree"]);
        Tell("aws s3 sync, up");
        await aws.RunAsync([.. s3, "sync", "--no-progress", $"s3://{Bucket}/tree", Tree.Back]);
        Tell("aws s3 sync, down");
        await Tree.AssertSameAsync(Cancellation);
        Assert.Equal("", await aws.RunAsync([.. s3, "sync", "--no-progress", Tree.Source, $"s3://{Bucket}/tree"]));
        string listed = await aws.RunAsync([.. s3, "ls", "--recursive", $"s3://{Bucket}/tree/"]);
        Assert.Equal(Objects, Lines(listed));
        Tell("aws s3 sync with nothing to do, and ls");
        await aws.RunAsync([.. s3, "cp", $"s3://{Bucket}/tree/{FileTree.Large}", $"s3://{Bucket}/copy.bin"]);
        Tell("aws s3 cp of the large one");
        string url = await aws.RunAsync([.. s3, "presign", $"s3://{Bucket}/copy.bin"]);
        using HttpClient http = new();
        using HttpResponseMessage answer = await http.GetAsync(
            new Uri(url.Trim()), HttpCompletionOption.ResponseHeadersRead, Cancellation);
        Assert.Equal(LargeBytes, answer.Content.Headers.ContentLength);
        await aws.RunAsync([.. s3, "rm", "--recursive", $"s3://{Bucket}"]);
        Tell("aws s3 rm");
        await AssertEmptyAsync();
    }

    [Fact]
    public async Task AwsApi_PutCopyGetListDelete_Work()
    {
        ClientProgram aws = Aws();
        await BeginAsync(aws, ShortBytes);
        string[] api = ["--endpoint-url", _address, "--no-cli-pager", "--output", "json", "s3api"];
        string large = Path.Combine(Tree.Source, FileTree.Large);
        string put = await aws.RunAsync(
            [.. api, "put-object", "--bucket", Bucket, "--key", "a b", "--body", large, "--metadata", "colour=green"]);
        string etag = ETag(put);
        await aws.RunAsync(
            [.. api, "copy-object", "--bucket", Bucket, "--key", "c", "--copy-source", $"{Bucket}/a b"]);
        string head = await aws.RunAsync([.. api, "head-object", "--bucket", Bucket, "--key", "c"]);
        Assert.Contains($"\"ContentLength\": {ShortBytes}", head, StringComparison.Ordinal);
        Assert.Contains("\"colour\": \"green\"", head, StringComparison.Ordinal);
        Assert.Equal(etag, ETag(head));
        string back = _folder.Child("range");
        await aws.RunAsync(
            [.. api, "get-object", "--bucket", Bucket, "--key", "c", "--range", "bytes=1000-1999", back]);
        Assert.Equal(
            (await File.ReadAllBytesAsync(large, Cancellation))[1000..2000],
            await File.ReadAllBytesAsync(back, Cancellation));
        string listed = await aws.RunAsync([.. api, "list-objects-v2", "--bucket", Bucket, "--prefix", "a"]);
        Assert.Contains("\"Key\": \"a b\"", listed, StringComparison.Ordinal);
        await aws.RunAsync(
            [.. api, "delete-objects", "--bucket", Bucket, "--delete", "Objects=[{Key=a b},{Key=c}],Quiet=true"]);
        await AssertEmptyAsync();
    }

    [Fact]
    public async Task S3Cmd_SyncGetListDelete_Work()
    {
        ClientProgram s3cmd = new("/usr/bin/s3cmd", "s3cmd", new Dictionary<string, string>());
        await BeginAsync(s3cmd, LargeBytes);
        string config = _folder.Child("s3cfg");
        string host = new Uri(_address).Authority;
        await File.WriteAllTextAsync(
            config,
            $"[default]\naccess_key = {_key.Id}\nsecret_key = {_key.Secret}\nhost_base = {host}\n" +
            $"host_bucket = {host}\nuse_https = False\nmultipart_chunk_size_mb = 15\n",
            Cancellation);
        string[] options = ["-c", config, "--no-progress"];
        await s3cmd.RunAsync([.. options, "sync", Tree.Source + "/", $"s3://{Bucket}/tree/"]);
        Tell("s3cmd sync, up");
        await s3cmd.RunAsync([.. options, "sync", $"s3://{Bucket}/tree/", Tree.Back + "/"]);
        Tell("s3cmd sync, down");
        await Tree.AssertSameAsync(Cancellation);
        string listed = await s3cmd.RunAsync([.. options, "ls", "--recursive", $"s3://{Bucket}/tree/"]);
        Assert.Equal(Objects, Lines(listed));
        await s3cmd.RunAsync([.. options, "cp", $"s3://{Bucket}/tree/{FileTree.Large}", $"s3://{Bucket}/copy.bin"]);
        Tell("s3cmd ls, and cp of the large one");
        await s3cmd.RunAsync([.. options, "del", "--recursive", "--force", $"s3://{Bucket}"]);
        Tell("s3cmd del");
        await AssertEmptyAsync();
    }

    [Fact]
    public async Task Rclone_CopyCheckSyncPurge_Work()
    {
        ClientProgram rclone = new("/usr/bin/rclone", "rclone", new Dictionary<string, string>
        {
            ["RCLONE_CONFIG"] = _folder.Child("rclone.conf"),
            ["RCLONE_CONFIG_LEPTON_TYPE"] = "s3",
            ["RCLONE_CONFIG_LEPTON_PROVIDER"] = "Other",
            ["RCLONE_CONFIG_LEPTON_ACCESS_KEY_ID"] = _key.Id,
            ["RCLONE_CONFIG_LEPTON_SECRET_ACCESS_KEY"] = _key.Secret,
            ["RCLONE_CONFIG_LEPTON_ENDPOINT"] = _address,
            ["RCLONE_CONFIG_LEPTON_REGION"] = "us-east-1",
            ["RCLONE_S3_UPLOAD_CUTOFF"] = "6M",
        });
        await BeginAsync(rclone, FullBytes);
        string remote = $"lepton:{Bucket}/tree";
        await rclone.RunAsync("copy", Tree.Source, remote);
        Tell("rclone copy");
        await rclone.RunAsync("check", Tree.Source, remote);
        Tell("rclone check");
        await rclone.RunAsync("sync", remote, Tree.Back);
        Tell("rclone sync");
        await Tree.AssertSameAsync(Cancellation);
        await rclone.RunAsync("copyto", $"{remote}/{FileTree.Large}", $"lepton:{Bucket}/copy.bin");
        Tell("rclone copyto of the large one");
        await rclone.RunAsync("delete", $"lepton:{Bucket}");
        Tell("rclone delete");
        await AssertEmptyAsync();
    }

    private static int Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;

    private static string ETag(string json) =>
        System.Text.Json.JsonElement.Parse(json).GetProperty("ETag").GetString()!;

    private async Task BeginAsync(ClientProgram client, long largeBytes)
    {
        client.Require();
        await Tree.WriteAsync(largeBytes, Cancellation);
        _step.Restart();
    }

    /// <summary>How long a step took, for people.</summary>
    private void Tell(string step)
    {
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{step}: {_step.Elapsed.TotalSeconds:0.0} s"));
        _step.Restart();
    }

    private ClientProgram Aws() => new("/usr/bin/aws", "awscli", new Dictionary<string, string>
    {
        ["AWS_ACCESS_KEY_ID"] = _key.Id,
        ["AWS_SECRET_ACCESS_KEY"] = _key.Secret,
        ["AWS_DEFAULT_REGION"] = "us-east-1",
        ["AWS_CONFIG_FILE"] = _folder.Child("aws-config"),
        ["AWS_SHARED_CREDENTIALS_FILE"] = _folder.Child("aws-credentials"),
        ["AWS_EC2_METADATA_DISABLED"] = "true",
    });

    private async Task AssertEmptyAsync()
    {
        ListObjectsV2Response list = await S3.ListObjectsV2Async(
            new ListObjectsV2Request { BucketName = Bucket }, Cancellation);
        Assert.Equal(0, list.KeyCount);
    }
}

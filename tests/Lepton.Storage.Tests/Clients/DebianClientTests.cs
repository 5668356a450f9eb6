using System.Globalization;
using Amazon.S3.Model;
using Lepton.Storage.Hosting;
using Lepton.Storage.Keys;
using Lepton.Storage.Tests.S3;

namespace Lepton.Storage.Tests.Clients;

/// <summary>A tree of files and one larger file, there and back, by the clients of Debian's.</summary>
public sealed class DebianClientTests(StorageFixture storage) : S3Test(storage), IDisposable
{
    private const int SmallFiles = 60;
    private const int LargeBytes = 20 * 1024 * 1024;
    private readonly TestFolder _folder = new();
    private AccessKey _key = null!;
    private string _address = "";

    private string Source => _folder.Child("source");

    private string Back => _folder.Child("back");

    public void Dispose() => _folder.Dispose();

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        StorageNode node = await storage.NodeAsync();
        _key = await node.Keys.AddAsync([], mayWrite: true, Cancellation);
        _address = node.Address.GetLeftPart(UriPartial.Authority);
        Directory.CreateDirectory(Back);
        for (int i = 0; i < SmallFiles; i++)
        {
            string path = Path.Combine(Source, "dir " +
                $"{i % 3}", string.Create(CultureInfo.InvariantCulture, $"f+{i}.bin"));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllBytesAsync(path, Pattern.Of(i * 37, (ulong)i), Cancellation);
        }

        await File.WriteAllBytesAsync(Path.Combine(Source, "large.bin"), Pattern.Of(LargeBytes, 99), Cancellation);
    }

    [Fact]
    public async Task Aws_SyncCopyListRemove_Work()
    {
        ClientProgram aws = Aws();
        aws.Require();
        string[] server = ["--endpoint-url", _address, "--no-cli-pager"];
        await aws.RunAsync([.. server, "s3", "sync", "--no-progress", Source, $"s3://{Bucket}/tree"]);
        await aws.RunAsync([.. server, "s3", "sync", "--no-progress", $"s3://{Bucket}/tree", Back]);
        AssertSameTree();
        string listed = await aws.RunAsync([.. server, "s3", "ls", "--recursive", $"s3://{Bucket}/tree/"]);
        Assert.Equal(SmallFiles + 1, listed.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        await aws.RunAsync([.. server, "s3", "cp", $"s3://{Bucket}/tree/large.bin", $"s3://{Bucket}/copy.bin"]);
        string head = await aws.RunAsync(
            [.. server, "s3api", "head-object", "--bucket", Bucket, "--key", "copy.bin", "--output", "json"]);
        Assert.Contains($"\"ContentLength\": {LargeBytes}", head, StringComparison.Ordinal);
        string url = await aws.RunAsync([.. server, "s3", "presign", $"s3://{Bucket}/copy.bin"]);
        using HttpClient http = new();
        Assert.Equal(LargeBytes, (await http.GetByteArrayAsync(url.Trim(), Cancellation)).Length);
        await aws.RunAsync([.. server, "s3", "rm", "--recursive", $"s3://{Bucket}"]);
        await AssertEmptyAsync();
    }

    [Fact]
    public async Task S3Cmd_SyncGetListDelete_Work()
    {
        ClientProgram s3cmd = new("/usr/bin/s3cmd", "s3cmd", new Dictionary<string, string>());
        s3cmd.Require();
        string config = _folder.Child("s3cfg");
        string host = new Uri(_address).Authority;
        await File.WriteAllTextAsync(
            config,
            $"[default]\naccess_key = {_key.Id}\nsecret_key = {_key.Secret}\nhost_base = {host}\n" +
            $"host_bucket = {host}\nuse_https = False\nmultipart_chunk_size_mb = 5\n",
            Cancellation);
        string[] options = ["-c", config, "--no-progress"];
        await s3cmd.RunAsync([.. options, "sync", Source + "/", $"s3://{Bucket}/tree/"]);
        await s3cmd.RunAsync([.. options, "sync", $"s3://{Bucket}/tree/", Back + "/"]);
        AssertSameTree();
        string listed = await s3cmd.RunAsync([.. options, "ls", "--recursive", $"s3://{Bucket}/tree/"]);
        Assert.Equal(SmallFiles + 1, listed.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        await s3cmd.RunAsync([.. options, "cp", $"s3://{Bucket}/tree/large.bin", $"s3://{Bucket}/copy.bin"]);
        await s3cmd.RunAsync([.. options, "del", "--recursive", "--force", $"s3://{Bucket}"]);
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
        rclone.Require();
        string remote = $"lepton:{Bucket}/tree";
        await rclone.RunAsync("copy", Source, remote);
        await rclone.RunAsync("check", "--download", Source, remote);
        await rclone.RunAsync("sync", remote, Back);
        AssertSameTree();
        await rclone.RunAsync("delete", $"lepton:{Bucket}");
        await AssertEmptyAsync();
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

    private void AssertSameTree()
    {
        string[] files = [.. Files(Source)];
        Assert.Equal(files, Files(Back));
        Assert.All(files, file => Assert.True(
            File.ReadAllBytes(Path.Combine(Source, file)).AsSpan()
                .SequenceEqual(File.ReadAllBytes(Path.Combine(Back, file))),
            $"{file} came back with other bytes."));

        static IEnumerable<string> Files(string folder) => Directory
            .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(folder, path)).Order(StringComparer.Ordinal);
    }

    private async Task AssertEmptyAsync()
    {
        ListObjectsV2Response list = await S3.ListObjectsV2Async(
            new ListObjectsV2Request { BucketName = Bucket }, Cancellation);
        Assert.Equal(0, list.KeyCount);
    }
}

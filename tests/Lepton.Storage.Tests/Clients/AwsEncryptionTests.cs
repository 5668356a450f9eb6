using Lepton.Storage.Hosting;
using Lepton.Storage.Keys;
using Lepton.Storage.Tests.S3;

namespace Lepton.Storage.Tests.Clients;

/// <summary>Encryption at rest as Debian's <c>aws</c> asks for it.</summary>
public sealed class AwsEncryptionTests(StorageFixture storage) : S3Test(storage), IDisposable
{
    private const int LargeBytes = 20 * 1024 * 1024;
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Aws_BucketEncryptionCopiesAndUploads_Work()
    {
        StorageNode node = await storage.NodeAsync();
        AccessKey key = await node.Keys.AddAsync([], mayWrite: true, Cancellation);
        ClientProgram aws = new("/usr/bin/aws", "awscli", new Dictionary<string, string>
        {
            ["AWS_ACCESS_KEY_ID"] = key.Id,
            ["AWS_SECRET_ACCESS_KEY"] = key.Secret,
            ["AWS_DEFAULT_REGION"] = "us-east-1",
            ["AWS_CONFIG_FILE"] = _folder.Child("aws-config"),
            ["AWS_SHARED_CREDENTIALS_FILE"] = _folder.Child("aws-credentials"),
            ["AWS_EC2_METADATA_DISABLED"] = "true",
        });
        aws.Require();
        string large = _folder.Child("large.bin");
        await File.WriteAllBytesAsync(large, Pattern.Of(LargeBytes, 99), Cancellation);
        string address = node.Address.GetLeftPart(UriPartial.Authority);
        string[] server = ["--endpoint-url", address, "--no-cli-pager", "--output", "json"];
        await aws.RunAsync(
        [
            .. server, "s3api", "put-bucket-encryption", "--bucket", Bucket, "--server-side-encryption-configuration",
            """{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"}}]}""",
        ]);
        Told(await aws.RunAsync([.. server, "s3api", "get-bucket-encryption", "--bucket", Bucket]));
        await aws.RunAsync([.. server, "s3", "cp", "--no-progress", large, $"s3://{Bucket}/large"]);
        Told(await aws.RunAsync([.. server, "s3api", "head-object", "--bucket", Bucket, "--key", "large"]));
        await aws.RunAsync([.. server, "s3", "cp", $"s3://{Bucket}/large", $"s3://{Bucket}/copy"]);
        Told(await aws.RunAsync(
        [
            .. server, "s3api", "put-object", "--bucket", Bucket, "--key", "small", "--body", large,
            "--server-side-encryption", "AES256",
        ]));
        await aws.RunAsync([.. server, "s3api", "delete-bucket-encryption", "--bucket", Bucket]);
        foreach (string name in new[] { "large", "copy", "small" })
        {
            string back = _folder.Child(name);
            await aws.RunAsync([.. server, "s3", "cp", "--no-progress", $"s3://{Bucket}/{name}", back]);
            Assert.True(
                (await File.ReadAllBytesAsync(back, Cancellation)).AsSpan().SequenceEqual(Pattern.Of(LargeBytes, 99)),
                $"{name} came back with other bytes.");
        }

        static void Told(string output) => Assert.Contains("AES256", output, StringComparison.Ordinal);
    }
}

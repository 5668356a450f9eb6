using System.Diagnostics;
using System.Text.Json;
using Amazon.Runtime;
using Amazon.S3;
using Lepton.Storage.Tests.S3;

namespace Lepton.Storage.Tests;

/// <summary>OpenStack Swift with its S3 interface, in processes of its own; started by the first test.</summary>
public sealed class SwiftFixture : IS3Server, IAsyncDisposable
{
    private const string Python = "/usr/bin/python3";
    private readonly TestFolder _folder = new();
    private readonly Lazy<Task<JsonElement>> _started;
    private Process? _process;
    private int _buckets;

    public SwiftFixture() => _started = new(StartAsync);

    public bool TakesChunks => false;

    private static string Script => Path.GetFullPath(
        Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "..", "bench", "peers", "swift_s3.py"));

    public async Task<AmazonS3Client> NewS3Async()
    {
        Assert.SkipUnless(
            File.Exists("/usr/bin/swift-proxy-server") && File.Exists("/usr/bin/memcached"),
            "Swift is missing. Install it: eng/install-debian.sh --no-services swift-proxy swift-account " +
            "swift-container swift-object memcached");
        JsonElement server = await _started.Value;
        return new AmazonS3Client(
            new BasicAWSCredentials(server.GetProperty("keyId").GetString(), server.GetProperty("secret").GetString()),
            new AmazonS3Config
            {
                ServiceURL = server.GetProperty("url").GetString(),
                ForcePathStyle = true,
                AuthenticationRegion = "us-east-1",
                MaxErrorRetry = 0,
                Timeout = TimeSpan.FromMinutes(3),

                // It knows none of the newer checksums.
                RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
                ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            });
    }

    public string NewBucketName() => $"bucket-{Interlocked.Increment(ref _buckets)}";

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            // Its servers end with its input.
            _process.StandardInput.Close();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        _folder.Dispose();
    }

    private async Task<JsonElement> StartAsync()
    {
        _process = Process.Start(
            new ProcessStartInfo(Python, [Script, "serve", "--directory", _folder.Child("swift")])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!;
        return await _process.StandardOutput.ReadLineAsync() is { } line
            ? JsonElement.Parse(line)
            : throw new InvalidOperationException("Swift did not start; what it said is above.");
    }
}

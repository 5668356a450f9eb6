using System.Net;
using System.Net.Sockets;
using Lepton.Objects.Tests;

namespace Lepton.Cli.Tests.Objects;

/// <summary>What users get wrong: which code, and what they are told.</summary>
public sealed class ObjectMistakeTests(StoreFixture store) : ObjectTest(store)
{
    [Theory]
    [InlineData(2, "'data/a' is no object's URL. Write it like s3://bucket/folder/name.", "ls", "data/a")]
    [InlineData(2, "'s3:/data' is no object's URL.", "get", "s3:/data", "x")]
    [InlineData(2, "'s3://data/a' is more than a bucket. Write it like s3://data.", "mb", "s3://data/a")]
    [InlineData(2, "'lepton object put' needs URL: where, such as s3://data/text/.", "put", "x")]
    [InlineData(2, "a name is missing behind the slash. Add --recursive", "rm", "s3://data/text/")]
    [InlineData(2, "a name is missing behind the slash. What comes by standard input", "put", "-", "s3://data")]
    [InlineData(2, "--expires is '8d'; expected a number with s, m, h or d", "presign", "s3://b/k", "--expires", "8d")]
    [InlineData(2, "One of '.' and '/' has to be a directory, and the other a URL", "sync", ".", "/")]
    [InlineData(2, "'/' is a directory. Add --recursive", "put", "/", "s3://data")]
    [InlineData(2, "The endpoint is 'localhost:9000', which is no address of a store", "ls", "--endpoint",
        "localhost:9000")]
    [InlineData(2, "'lepton object' has no command 'lst'. Did you mean 'ls'?", "lst")]
    [InlineData(3, "There is no file '/no/such/file'.", "put", "/no/such/file", "s3://data")]
    [InlineData(3, "There is no directory '/no/such'.", "sync", "/no/such", "s3://data")]
    [InlineData(16, "has no bucket 'nowhere'. Make it with 'lepton object mb s3://nowhere'", "ls", "s3://nowhere")]
    [InlineData(16, "has no bucket 'nowhere'.", "stat", "s3://nowhere/a")]
    [InlineData(14, "refused: InvalidBucketName", "mb", "s3://Upper")]
    public async Task Command_BadInput_SaysWhatIsExpected(int code, string message, params string[] arguments)
    {
        using LeptonRun run = await RunAsync(arguments);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.StartsWith("lepton: ", run.Error, StringComparison.Ordinal);
        Assert.Equal((code, ""), (run.ExitCode, run.Output));
    }

    [Fact]
    public async Task Command_NothingThere_Is16()
    {
        foreach (string[] arguments in (string[][])
            [
                ["ls", $"{Url}/none"], ["du", $"{Url}/none"], ["stat", $"{Url}/none"], ["rm", $"{Url}/none", "-r"],
                ["get", $"{Url}/none", Folder.File("x")], ["get", $"{Url}/none", Folder.File("x"), "-r"],
                ["get", $"{Url}/none", "-"], ["cp", $"{Url}/none", $"{Url}/copy"],
                ["cp", $"{Url}/none", $"{Url}/copy", "-r"],
            ])
        {
            using LeptonRun run = await RunAsync(arguments);
            Assert.Equal((16, ""), (run.ExitCode, run.Output));
            Assert.Contains($"{Url}/none", run.Error, StringComparison.Ordinal);
        }

        Assert.Empty(FilesBelow(""));
        using LeptonRun sync = await RunAsync("sync", Folder.Path, "s3://nowhere/a");
        Assert.Equal((16, ""), (sync.ExitCode, sync.Output));
        Assert.Contains("has no bucket 'nowhere'", sync.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Command_NoKey_NamesTheWaysToGiveOne()
    {
        using LeptonRun run = await WithAsync(new()
        {
            ["AWS_ACCESS_KEY_ID"] = "", ["AWS_SECRET_ACCESS_KEY"] = "", ["AWS_PROFILE"] = "", ["HOME"] = Folder.Path,
            ["AWS_SHARED_CREDENTIALS_FILE"] = Folder.File("none"),
        });
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.StartsWith(
            $"lepton: There is no key for the store at {Address.Endpoint}. Set AWS_ACCESS_KEY_ID and " +
            "AWS_SECRET_ACCESS_KEY, or AWS_PROFILE", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Command_WrongSecret_IsRefused()
    {
        using LeptonRun run = await WithAsync(new() { ["AWS_SECRET_ACCESS_KEY"] = "wrong" });
        Assert.Equal((14, ""), (run.ExitCode, run.Output));
        Assert.Contains("(SignatureDoesNotMatch)", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Command_NobodyListens_SaysWhereItTried()
    {
        using Socket bound = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        bound.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using LeptonRun run = await WithAsync(new() { ["AWS_ENDPOINT_URL_S3"] = $"http://{bound.LocalEndPoint}" });
        Assert.Equal((14, ""), (run.ExitCode, run.Output));
        Assert.Contains($"http://{bound.LocalEndPoint} could not be reached", run.Error, StringComparison.Ordinal);
    }

    private async Task<LeptonRun> WithAsync(Dictionary<string, string> changes)
    {
        Dictionary<string, string> environment = Environment;
        foreach ((string name, string value) in changes)
        {
            environment[name] = value;
        }

        await using StartedLepton started = StartedLepton.Start("Lepton.Cli", environment, "object", "ls", Url);
        return await started.EndAsync();
    }
}

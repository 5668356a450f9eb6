namespace Lepton.Cli.Tests.Coordination;

/// <summary>Needs no server.</summary>
public sealed class BadInputTests
{
    [Theory]
    [InlineData(2, "--endpoints names 'localhost:2379'; expected scheme, host and port",
        "kv", "get", "k", "--endpoints", "localhost:2379")]
    [InlineData(2, "is given 2 times", "members", "--endpoints", "http://127.0.0.1:1,http://127.0.0.1:1")]
    [InlineData(2, "CaFile '/no/such.pem'",
        "members", "--endpoints", "https://127.0.0.1:1", "--cacert", "/no/such.pem")]
    [InlineData(2, "--revision is '-1'", "kv", "get", "k", "--revision", "-1")]
    [InlineData(2, "KEY is empty", "kv", "get", "")]
    [InlineData(2, "--ttl is '0'; expected a whole number from 1", "lock", "n", "--ttl", "0", "--", "true")]
    [InlineData(2, "'lepton lock' needs command: what to run, behind --.", "lock", "n")]
    [InlineData(2, "Give VALUE to stand for election, or --watch", "elect", "n")]
    [InlineData(14, "the network to http://127.0.0.1:1 failed with Unavailable: no connection came about",
        "kv", "put", "k", "v", "--endpoints", "http://127.0.0.1:1", "--timeout", "1")]
    public async Task Command_BadInput_SaysWhatIsExpected(int code, string message, params string[] arguments)
    {
        using LeptonRun run = await LeptonRun.OfAsync(arguments);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.StartsWith("lepton: ", run.Error, StringComparison.Ordinal);
        Assert.Equal((code, ""), (run.ExitCode, run.Output));
    }
}

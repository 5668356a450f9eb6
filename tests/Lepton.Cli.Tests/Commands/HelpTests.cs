namespace Lepton.Cli.Tests.Commands;

/// <summary>What the command says of itself.</summary>
public sealed class HelpTests
{
    [Fact]
    public async Task NoArguments_PrintsTheCommandsWithAnExampleEach()
    {
        using LeptonRun run = await LeptonRun.OfAsync();
        Assert.Equal(0, run.ExitCode);
        Assert.Equal("", run.Error);
        foreach (string command in (string[])
            [
                "quickstart", "run", "report", "replay", "coordinator", "lock", "kv get", "elect", "members",
                "snapshot save", "storage", "object put", "native",
            ])
        {
            Assert.Contains($"\n  lepton {command} ", run.Output, StringComparison.Ordinal);
        }

        Assert.Contains("Exit codes:", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("quickstart", "Exit codes:")]
    [InlineData("quickstart", "--no-kill")]
    [InlineData("run", "Returns what the program returns")]
    [InlineData("report", "--trace")]
    [InlineData("lock", "LEPTON_LOCK_TOKEN")]
    [InlineData("elect", "LEPTON_ENDPOINTS")]
    [InlineData("members", "--endpoints")]
    [InlineData("snapshot", "etcdctl restores what is saved here")]
    [InlineData("coordinator", "--auto-compaction-retention")]
    [InlineData("coordinator", "--lease-reads")]
    [InlineData("storage", "AWS_SHARED_CREDENTIALS_FILE")]
    [InlineData("object", "AWS_ENDPOINT_URL")]
    [InlineData("native", "--libtorch /opt/libtorch")]
    public async Task Help_OfACommand_TellsFlagsExamplesAndExitCodes(string command, string text)
    {
        using LeptonRun run = await LeptonRun.OfAsync(command, "--help");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains(text, run.Output, StringComparison.Ordinal);
        Assert.Contains("Examples:", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("--kill-after", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_IsOneLine()
    {
        using LeptonRun run = await LeptonRun.OfAsync("--version");
        Assert.Matches(@"^lepton \d+\.\d+\.\d+\n$", run.Output);
        Assert.Equal(0, run.ExitCode);
    }

    [Theory]
    [InlineData("'lepton' has no command 'quikstart'. Did you mean 'quickstart'?", "quikstart")]
    [InlineData("'lepton' has no command 'xyzzy'.", "xyzzy")]
    [InlineData("'lepton' has no option '--verson'. Did you mean '--version'?", "--verson")]
    public async Task Unknown_CommandOrOption_NamesTheNearest(string message, string word)
    {
        using LeptonRun run = await LeptonRun.OfAsync(word);
        Assert.Equal($"lepton: {message} 'lepton --help' lists what there is.\n", run.Error);
        Assert.Equal("", run.Output);
        Assert.Equal(2, run.ExitCode);
    }

    [Theory]
    [InlineData("train", "'lepton train' has no option '--nproc-per-nod'. Did you mean '--nproc-per-node'?",
        "--nproc-per-nod", "2", "program.dll")]
    [InlineData("train", "'lepton train' has no option '--epochs'.", "program.dll", "--epochs", "2")]
    [InlineData("run", "'lepton run' has no option '--buidl'. Did you mean '--build'?", "program.dll", "--buidl")]
    [InlineData("lock", "'lepton lock' has no option '--tll'. Did you mean '--ttl'?", "n", "--tll", "5", "--", "true")]
    public async Task UnknownOption_BeforeWhatAProgramGets_IsNotPassedOn(
        string command, string message, params string[] words)
    {
        using LeptonRun run = await LeptonRun.OfAsync([command, .. words]);
        Assert.Equal(
            $"lepton: {message} What the program gets goes behind --. 'lepton {command} --help' lists what there is.\n",
            run.Error);
        Assert.Equal(2, run.ExitCode);
    }
}

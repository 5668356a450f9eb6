using Lepton.EndToEnd.Programs;

namespace Lepton.EndToEnd.Samples;

/// <summary>What all samples do with flags; none begins its work here, nor needs the native library.</summary>
public sealed class FlagsTests
{
    public static TheoryData<string> All => new(
        Directory.EnumerateFiles(Repository.File("samples"), "*.csproj", SearchOption.AllDirectories)
            .Select(static path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(All))]
    public async Task Sample_Help_SaysWhatItIsForAndWhichFlagsThereAre(string sample)
    {
        using ProgramRun run = await ProgramRun.OfAsync(sample, "--help", "--no-such-flag");

        Assert.Equal("", run.Error);
        string[] lines = run.Output.TrimEnd('\n').Split('\n');
        int heading = Array.IndexOf(lines, "Flags, with their defaults in brackets:");
        Assert.True(heading >= 2 && lines[0].Length > 40, run.Output);
        Assert.StartsWith("  --help ", lines[heading + 1], StringComparison.Ordinal);
        Assert.All(lines[(heading + 1)..], static line => Assert.Matches("^  --[a-z0-9-]+ +[^ ]", line));
        Assert.True(lines.Length > heading + 2, run.Output);
        Assert.Empty(run.LeftBehind);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Sample_FlagThatItHasNot_IsRefusedInOneLine(string sample)
    {
        using ProgramRun run = await RunAsync(sample, "--hulp", "me");

        AssertRefused(run, $"{sample}: --hulp is no flag; the nearest is --help. --help lists the flags.");
    }

    [Theory]
    [InlineData("--epoch is no flag; the nearest is --epochs.", "mnist", "--epoch", "3")]
    [InlineData("--epoch is no flag; the nearest is --epochs.", "mnist", "--epoch=3", "--samples", "100")]
    [InlineData("epochs is no flag; the nearest is --epochs. 3 is no flag; the nearest is --l2.",
        "regularization", "epochs", "3")]
    [InlineData("--epochs needs a value: --epochs N.", "linear", "--epochs")]
    [InlineData("--epochs needs a value: --epochs N.", "linear", "--epochs", "--run", "folder")]
    [InlineData("--run needs a value: --run FOLDER.", "transfer", "--run=")]
    [InlineData("--epochs is 'ten'; expected a whole number from 1.", "mnist", "--epochs", "ten")]
    [InlineData("--epochs is '0'; expected a whole number from 1.", "mnist", "--epochs", "0")]
    [InlineData("--seed is '-1'; expected a whole number.", "pagerank", "--seed", "-1")]
    [InlineData("--learning-rate is '0,1'; expected a number from 0.", "mnist", "--learning-rate", "0,1")]
    [InlineData("--rare is '2'; expected a number from 0.0001 to 1.", "imbalance", "--rare", "2")]
    [InlineData("--model is 'rnn'; expected mlp, cnn.", "mnist", "--model", "rnn")]
    [InlineData("--kill takes no value.", "iris", "--kill=yes")]
    [InlineData("--lines is 'x'; expected a whole number from 1. --threads is 'y'; expected a whole number from 0 to " +
        "256.", "logs", "--lines", "x", "--threads", "y")]
    [InlineData("--mesh: '2x' is no mesh; expected three numbers from 1, data x tensor x pipeline, such as 2x1x1.",
        "gpt", "--mesh", "2x")]
    [InlineData("--width is 10; expected a multiple of the 4 heads.", "gpt", "--width", "10")]
    [InlineData("--prompt has characters that the text has not.", "gpt", "--prompt", "#")]
    public async Task Sample_FlagsThatCannotBeUsed_AreNamedTogether(
        string message, string sample, params string[] arguments)
    {
        using ProgramRun run = await RunAsync(sample, arguments);

        AssertRefused(run, $"{sample}: {message} --help lists the flags.");
    }

    [Fact]
    public async Task Sample_WordBehindASwitch_IsNotTakenForItsValue()
    {
        using ProgramRun run = await RunAsync("iris", "--kill", "word");

        Assert.StartsWith("iris: word is no flag; ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sample_ValueBehindEqualsAndFlagGivenTwice_LastIsTaken()
    {
        using ProgramRun run = await ProgramRun.OfAsync(
            "pagerank", "--nodes=20", "--links", "90", "--iterations", "5", "--threads", "1", "--links=50",
            "--iterations", "2");

        Assert.Equal("20 nodes, 50 links, 2 iterations", run.Answer[0]);
    }

    [Theory]
    [InlineData("0", 0, "--help")]
    [InlineData("1", 0, "--help")]
    [InlineData("0", 2, "--epoch", "3")]
    [InlineData("1", 0, "--epoch", "3")]
    public async Task Sample_OneOfSeveralRanks_FirstOfTheMachineTells(
        string rank, int exitCode, params string[] arguments)
    {
        using ProgramRun run = await ProgramRun.StartAsync(
            "env", Repository.Root,
            [$"LOCAL_RANK={rank}", "RANK=2", "WORLD_SIZE=4", "dotnet", Repository.Built("mnist"), .. arguments]);

        Assert.Equal(exitCode, run.ExitCode);
        Assert.Equal(rank == "0", run.Output.Length + run.Error.Length > 0);
    }

    private static Task<ProgramRun> RunAsync(string sample, params string[] arguments) =>
        ProgramRun.StartAsync("dotnet", Repository.Root, [Repository.Built(sample), .. arguments]);

    private static void AssertRefused(ProgramRun run, string line)
    {
        Assert.Equal((line + '\n', "", 2), (run.Error, run.Output, run.ExitCode));
        Assert.Empty(run.LeftBehind);
    }
}

namespace Lepton.Cli.Tests.Commands;

/// <summary><c>lepton replay</c>.</summary>
public sealed class ReplayTests(FailedProgram program) : IClassFixture<FailedProgram>
{
    private const string Error = "System.InvalidOperationException: record 7 is bad";

    [Fact]
    public async Task Replay_OfALog_ListsItsFailedTasks()
    {
        using LeptonRun run = await LeptonRun.OfAsync("replay", program.Log);
        Assert.Equal("", run.Error);
        Assert.Equal($"0/1  Range → Select\n    {Error}\n", run.Output);
        Assert.Equal(0, run.ExitCode);
    }

    [Fact]
    public async Task Replay_OfATask_FailsAgainAsInTheJob()
    {
        using LeptonRun run = await LeptonRun.OfAsync("replay", program.Log, "0/1");
        Assert.Equal("", run.Error);
        string[] lines = run.Output.Split('\n');
        Assert.Matches(@"^Task 0/1 \(Range → Select\) of Write .*lines.*, attempt 0, failed with$", lines[0]);
        Assert.Equal($"  {Error}", lines[1]);
        Assert.Matches(
            @"^It failed again, as in the job, after [\d.]+ s \(read 0 bytes of shuffles, spilled 0, held \d+ MiB at " +
            @"most\):$",
            lines[2]);
        Assert.Equal(Error, lines[3]);
        Assert.Contains("   at Uncaught.", lines[4], StringComparison.Ordinal);
        Assert.Equal(1, run.ExitCode);
        Assert.Empty(run.LeftBehind);
        Assert.Empty(Directory.GetFileSystemEntries(program.Outputs));
    }

    [Fact]
    public async Task Replay_OfATaskWhoseFaultIsGone_SaysThatItSucceeded()
    {
        using LeptonRun run = await program.MendedAsync(() => LeptonRun.OfAsync("replay", program.Log, "0/1"));
        Assert.Matches(
            @"\nIt succeeded after [\d.]+ s \(.*\): (\d+ records, )?\d+ bytes\.( What was said above may be why\.)?\n$",
            run.Output);
        Assert.Equal(0, run.ExitCode);
        Assert.Empty(Directory.GetFileSystemEntries(program.Outputs));
    }

    [Theory]
    [InlineData("0/9", "Stage 0 (Range → Select) has the partitions 0 to 3, not 9.")]
    [InlineData("7/0", "has no stage 7; its stages are 0 to 0.")]
    public async Task Replay_OfATaskThatIsNot_SaysWhichThereAre(string task, string message)
    {
        using LeptonRun run = await LeptonRun.OfAsync("replay", program.Log, task);
        Assert.Contains($"{message} Tasks that can be replayed: 0/1.\n", run.Error, StringComparison.Ordinal);
        Assert.Equal("", run.Output);
        Assert.Equal(2, run.ExitCode);
    }

    [Fact]
    public async Task Replay_OfNoTask_SaysHowTasksAreWritten()
    {
        using LeptonRun run = await LeptonRun.OfAsync("replay", program.Log, "first");
        Assert.Equal(
            "lepton: 'first' is not a task: expected STAGE/PARTITION, two numbers from 0, as in 3/5. 'lepton replay " +
            "LOG' lists the failed tasks.\n",
            run.Error);
        Assert.Equal("", run.Output);
        Assert.Equal(2, run.ExitCode);
    }

    [Fact]
    public async Task Replay_MissingLog_SaysSo()
    {
        using LeptonRun run = await LeptonRun.OfAsync("replay", program.Log + "x");
        Assert.StartsWith($"lepton: There is no event log at '{program.Log}x'", run.Error, StringComparison.Ordinal);
        Assert.Equal(3, run.ExitCode);
    }
}

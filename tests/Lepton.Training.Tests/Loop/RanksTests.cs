using Lepton.Torch;
using Lepton.Torch.Serialization;
using Lepton.Training.Checkpoints;
using Lepton.Training.Launch;

namespace Lepton.Training.Tests.Loop;

/// <summary>Real ranks, each a process, on a small part of MNIST.</summary>
public sealed class RanksTests : TrainingTest
{
    [Theory]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    public async Task Fit_ManyRanks_SameCurveAsOne(int ranks, int accumulate)
    {
        RankRun alone = await RankRun.OfAsync(1, 0, "--run", Sub("alone"));
        RankRun many = await RankRun.OfAsync(ranks, 0, "--run", Sub("many"), "--accumulate", $"{accumulate}");

        Assert.True(alone.ExitCode == 0 && many.ExitCode == 0, alone.Text + many.Text);
        RankRun.AssertSame(RankRun.LossesOf(Sub("alone")), RankRun.LossesOf(Sub("many")));
        Assert.Equal(64, RankRun.LossesOf(Sub("many")).Count);
        Assert.Equal(alone.Accuracy, many.Accuracy, 0.02);
        Assert.Contains(
            "<polyline", File.ReadAllText(Path.Combine(Sub("many"), "curves.svg")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fit_RankIsKilled_StartsAgainAndTheCurveGoesOn()
    {
        RankRun whole = await RankRun.OfAsync(2, 0, "--run", Sub("whole"));
        RankRun cut = await RankRun.OfAsync(2, 1, "--run", Sub("cut"), "--fault", "kill", "--fault-step", "23");

        Assert.True(whole.ExitCode == 0 && cut.ExitCode == 0, whole.Text + cut.Text);
        Assert.Contains("killed by SIGKILL", cut.Text, StringComparison.Ordinal);
        Assert.Contains("root cause: rank 1 on ", cut.Text, StringComparison.Ordinal);
        Assert.Contains("going on from step 22, which was held in memory", cut.Text, StringComparison.Ordinal);
        RankRun.AssertSame(RankRun.LossesOf(Sub("whole")), RankRun.LossesOf(Sub("cut")));
    }

    [Theory]
    [InlineData("hang", "rank 1 on ", "it is taken to hang")]
    [InlineData("backward", "rank 1 on ", "it came no further than backward #")]
    [InlineData("freeze", "rank 1 on ", "is silent for ")]
    [InlineData("mismatch", "rank 1 on ", "(float32[3, 5]) where rank 0 on ")]
    [InlineData("unwaited", "rank 1 on ", "(float32[3, 5]) where rank 0 on ")]
    public async Task Fit_RankHoldsTheOthersUp_IsNamedAndAllGoOnFromTheLastStep(
        string fault, string named, string reason)
    {
        RankRun whole = await RankRun.OfAsync(2, 0, "--run", Sub("whole"), "--norm");
        RankRun cut = await RankRun.OfAsync(
            2, 1, "--run", Sub("cut"), "--norm", "--fault", fault, "--fault-step", "23");

        Assert.True(whole.ExitCode == 0 && cut.ExitCode == 0, whole.Text + cut.Text);
        Assert.Contains(named, RootCause(cut), StringComparison.Ordinal);
        Assert.Contains(reason, RootCause(cut), StringComparison.Ordinal);
        Assert.Contains("going on from step 22, which was held in memory", cut.Text, StringComparison.Ordinal);
        RankRun.AssertSame(RankRun.LossesOf(Sub("whole")), RankRun.LossesOf(Sub("cut")));
    }

    [Theory]
    [InlineData("gradient", 24, "which was so before this step", "/step-0000000(10|15|20) ")]
    [InlineData("gradient", 25, "so nothing is saved", "/step-0000000(10|15|20) ")]
    [InlineData("weight", 24, "The loss is NaN at step 24", "step 23, which was held in memory")]
    public async Task Fit_ParameterIsNotFinite_IsNeitherSavedNorHeldAndAllGoOnFromAGoodStep(
        string fault, int step, string reason, string from)
    {
        RankRun whole = await RankRun.OfAsync(2, 0, "--run", Sub("whole"));
        RankRun cut = await RankRun.OfAsync(
            2, 1, "--run", Sub("cut"), "--fault", fault, "--fault-step", $"{step}");

        Assert.True(whole.ExitCode == 0 && cut.ExitCode == 0, whole.Text + cut.Text);
        Assert.Contains(reason, RootCause(cut), StringComparison.Ordinal);
        Assert.Matches($"going on from [^\n]*{from}", cut.Text);
        RankRun.AssertSame(RankRun.LossesOf(Sub("whole")), RankRun.LossesOf(Sub("cut")));
    }

    [Theory]
    [InlineData("1x2x1", "hang", "waits for it in the group mesh/tensor/0,0, in step #10 (mesh 1x2x1)")]
    [InlineData("1x1x2", "hang", "waits for it in the group mesh/pipeline/0,0, in step #10 (mesh 1x1x2)")]
    [InlineData("1x1x2", "backward", "waits for it in the group mesh/pipeline/0,0, in step #10 (mesh 1x1x2)")]
    [InlineData("2x1x1", "backward", "waits and is ahead of it in the group mesh/data/0,0, in step #10 (mesh 2x1x1)")]
    public async Task Fit_RankHangsWithinAStepOfAMesh_IsNamedAndAllGoOn(string mesh, string fault, string reason)
    {
        RankRun run = await RankRun.OfAsync(
            2, 1, "--mesh", mesh, "--run", Sub("run"), "--fault", fault, "--epochs", "1");

        Assert.True(run.ExitCode == 0, run.Text);
        Assert.StartsWith("lepton: root cause: rank 1 on ", RootCause(run), StringComparison.Ordinal);
        Assert.Contains("it is taken to hang", RootCause(run), StringComparison.Ordinal);
        Assert.Contains(reason, RootCause(run), StringComparison.Ordinal);
        Assert.Contains("going on from ", run.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("absent", "to join the group: it did not come to RankContext.Join; rank 0 on ")]
    [InlineData("end", "has ended without joining the group: it did not come to RankContext.Join; rank 0 on ")]
    [InlineData("idle", "came no further than joining the group; rank 0 on ")]
    [InlineData("leave", "has left the group without ")]
    public async Task Fit_RankDoesNotComeToTheFirstStep_IsTheRootCause(string fault, string reason)
    {
        RankRun run = await RankRun.OfAsync(2, 0, "--at-start", fault, "--timeout", "10");

        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("lepton: root cause: rank 1 on ", RootCause(run), StringComparison.Ordinal);
        Assert.Contains(reason, RootCause(run), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fit_RankThrowsBeforeItJoins_IsTheRootCauseWithItsStack()
    {
        RankRun run = await RankRun.OfAsync(2, 0, "--at-start", "throw", "--timeout", "10");

        Assert.Equal(1, run.ExitCode);
        Assert.Matches(
            "^lepton: root cause: rank 1 on [^ ]+: System.InvalidOperationException: The data are not there.\nGive " +
            "--data.$",
            RootCause(run));
        string[] stack =
            [.. run.Lines.SkipWhile(static line => line != "lepton: the stack of rank 1:").Skip(1).SkipLast(1)];
        Assert.Equal("lepton:   ---> System.IO.IOException: no file", stack[0]);
        Assert.Contains(stack, static line => line.Contains("StartFault.Join", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Fit_RankLeavesWithoutWaiting_TheOneThatItWouldHaveWaitedForIsNamed()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        RankRun run = await RankRun.OfAsync(
            new LaunchOptions
            {
                Command = RankRun.Command("--at-start", "unwaited"),
                ProcessesPerNode = 2,
                Grace = TimeSpan.FromSeconds(1),
            },
            line =>
            {
                if (line.StartsWith("lepton: warning: rank 1 on ", StringComparison.Ordinal))
                {
                    stop.Cancel();
                }
            },
            stop.Token);

        Assert.Contains("it came no further than joining the group; rank 0 on ", run.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("failed: rank 0", run.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fit_KilledWithoutARunDirectory_GoesOnFromMemoryAlone()
    {
        RankRun cut = await RankRun.OfAsync(3, 1, "--fault", "kill", "--fault-step", "23", "--fault-rank", "0");

        Assert.True(cut.ExitCode == 0, cut.Text);
        Assert.StartsWith("lepton: root cause: rank 0 on ", RootCause(cut), StringComparison.Ordinal);
        Assert.Contains("going on from step 22, which was held in memory", cut.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Fit_KilledAtAnyMomentWhileSaving_CheckpointsStayReadable(int rank)
    {
        const int Rounds = 6;
        RankRun whole = await RankRun.OfAsync(1, 0, "--run", Sub("whole"), "--checkpoint-every", "1");
        RankRun cut = await RankRun.OfAsync(
            2, Rounds, "--run", Sub("cut"), "--checkpoint-every", "1", "--kills", "11", "--kill-rounds", $"{Rounds}",
            "--fault-rank", $"{rank}");

        Assert.True(whole.ExitCode == 0 && cut.ExitCode == 0, whole.Text + cut.Text);
        Assert.DoesNotContain("can't be used", cut.Text, StringComparison.Ordinal);
        Assert.Equal(Rounds, cut.Lines.Count(static line => line.Contains("root cause", StringComparison.Ordinal)));
        var folder = new CheckpointFolder(Path.Combine(Sub("cut"), "checkpoints"));
        Assert.NotEmpty(folder.Steps);
        Assert.All(folder.Steps, step => folder.Open(step));
        RankRun.AssertSame(RankRun.LossesOf(Sub("whole")), RankRun.LossesOf(Sub("cut")));
    }

    [Fact]
    public async Task Fit_NewestCheckpointIsDamaged_TakesTheOneBeforeAndSaysSo()
    {
        RankRun whole = await RankRun.OfAsync(1, 0, "--run", Sub("whole"));
        RankRun first = await RankRun.OfAsync(2, 0, "--run", Sub("cut"), "--epochs", "1");
        var folder = new CheckpointFolder(Path.Combine(Sub("cut"), "checkpoints"));
        long newest = folder.Steps[0];
        string shard = Directory.EnumerateFiles(folder.PathOf(newest), "shard-1-*").Single();
        await using (FileStream file = File.OpenWrite(shard))
        {
            file.SetLength(file.Length / 2);
        }

        RankRun second = await RankRun.OfAsync(2, 0, "--run", Sub("cut"));

        Assert.All([whole, first, second], static run => Assert.True(run.ExitCode == 0, run.Text));
        Assert.Contains("can't be used", second.Text, StringComparison.Ordinal);
        Assert.Contains("It is passed over, for the one before it", second.Text, StringComparison.Ordinal);
        Assert.Contains($"going on from {folder.PathOf(30)}", second.Text, StringComparison.Ordinal);
        RankRun.AssertSame(RankRun.LossesOf(Sub("whole")), RankRun.LossesOf(Sub("cut")));
    }

    [Fact]
    public async Task Fit_NoMemory_SaysWhatEachRankHeldAndEndsWithItsCode()
    {
        RankRun run = await RankRun.OfAsync(2, 0, "--fault", "memory");

        Assert.Equal(20, run.ExitCode);
        Assert.Contains("Out of memory at step 10 (epoch 0, batch 9, 16 samples) on rank 1", RootCause(run),
            StringComparison.Ordinal);
        Assert.Contains("This rank held parameters of 0.1 MiB", RootCause(run), StringComparison.Ordinal);
        Assert.Contains(run.Lines, static line => line.StartsWith("lepton: rank 0 on ", StringComparison.Ordinal)
            && line.Contains(" held ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("data", "where batch 0 of epoch 0 (32 samples of all ranks) was read and brought to cpu, on rank 1")]
    [InlineData("validation", "after step 32, where the model was measured (batch 0, 16 samples), on rank 1")]
    public async Task Fit_NoMemoryForABatch_SaysWhichAndWhatTheRankHeld(string fault, string where)
    {
        RankRun run = await RankRun.OfAsync(2, 0, "--fault", fault);

        Assert.Equal(20, run.ExitCode);
        Assert.Contains($"Out of memory {where}", RootCause(run), StringComparison.Ordinal);
        Assert.Contains("This rank held parameters of 0.1 MiB", RootCause(run), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fit_ActivationIsNotANumber_TheOperatorIsNamed()
    {
        RankRun run = await RankRun.OfAsync(2, 0, "--fault", "activation");

        Assert.Equal(9, run.ExitCode);
        Assert.Contains("First to go bad: float32[16, 10], which aten::log gave", RootCause(run),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fit_Stopped_AllRanksSaveAndTheNextStartGoesOn()
    {
        // Long enough that the stop comes before the end, however late the line is read.
        using var stop = new CancellationTokenSource();
        RankRun cut = await RankRun.OfAsync(
            new LaunchOptions
            {
                Command = RankRun.Command("--run", Sub("cut"), "--epochs", "6", "--tell-steps"),
                ProcessesPerNode = 2,
            },
            line =>
            {
                if (line == "[0] step 2")
                {
                    stop.Cancel();
                }
            },
            stop.Token);
        RankRun second = await RankRun.OfAsync(2, 0, "--run", Sub("cut"), "--epochs", "6");
        RankRun whole = await RankRun.OfAsync(2, 0, "--run", Sub("whole"), "--epochs", "6");

        Assert.Equal(130, cut.ExitCode);
        Assert.Contains("stopped at step ", cut.Text, StringComparison.Ordinal);
        Assert.All([second, whole], static run => Assert.True(run.ExitCode == 0, run.Text));
        Assert.Contains("going on from ", second.Text, StringComparison.Ordinal);
        RankRun.AssertSame(RankRun.LossesOf(Sub("whole")), RankRun.LossesOf(Sub("cut")));
    }

    [Fact]
    public async Task Fit_SavedAtFourRanks_GoesOnAtTwoAndThree()
    {
        RankRun whole = await RankRun.OfAsync(1, 0, "--run", Sub("whole"), "--epochs", "3");
        RankRun four = await RankRun.OfAsync(4, 0, "--run", Sub("cut"), "--epochs", "1");
        RankRun two = await RankRun.OfAsync(2, 0, "--run", Sub("cut"), "--epochs", "2");
        RankRun three = await RankRun.OfAsync(3, 0, "--run", Sub("cut"), "--epochs", "3");

        Assert.All([whole, four, two, three], static run => Assert.True(run.ExitCode == 0, run.Text));
        RankRun.AssertSame(RankRun.LossesOf(Sub("whole")), RankRun.LossesOf(Sub("cut")));
    }

    [Fact]
    public async Task Fit_RankThrows_ItsStackIsTheRootCause()
    {
        RankRun run = await RankRun.OfAsync(2, 0, "--fault", "throw");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(
            "InvalidOperationException: this rank was told to fail", RootCause(run), StringComparison.Ordinal);
        Assert.Contains("rank 1 on", RootCause(run), StringComparison.Ordinal);
        Assert.Contains("lepton:   at Program", run.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fit_NotANumber_NamesTheStepAndKeepsTheBatchAndTheCheckpoint()
    {
        RankRun run = await RankRun.OfAsync(2, 0, "--run", Sub("run"), "--fault", "nan", "--fault-step", "12");

        Assert.Equal(9, run.ExitCode);
        Assert.Contains(
            "The loss is NaN at step 12 (epoch 0, batch 11, rank 1", RootCause(run), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(Sub("run"), "bad-batch-step-12-rank-1.safetensors")));
        RankRun again = await RankRun.OfAsync(2, 0, "--run", Sub("run"));
        Assert.True(again.ExitCode == 0, again.Text);
        Assert.Contains("step-000000010", again.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fit_BFloat16_StaysNearFloat32AndSavesFloat32()
    {
        RankRun wide = await RankRun.OfAsync(1, 0, "--run", Sub("float32"));
        RankRun narrow = await RankRun.OfAsync(2, 0, "--run", Sub("bfloat16"), "--bfloat16");

        Assert.True(wide.ExitCode == 0 && narrow.ExitCode == 0, wide.Text + narrow.Text);
        (double Wide, double Narrow)[] losses = [.. RankRun.LossesOf(Sub("float32")).Zip(
            RankRun.LossesOf(Sub("bfloat16")), static (a, b) => (a.Loss, b.Loss))];
        Assert.Equal(64, losses.Length);

        // 8 significant bits are 0.4 %; a step's loss stays within a few times of that.
        Assert.InRange(losses.Max(static pair => Math.Abs(pair.Wide - pair.Narrow) / pair.Wide), 1e-6, 0.03);
        var folder = new CheckpointFolder(Path.Combine(Sub("bfloat16"), "checkpoints"));
        foreach (string shard in Directory.EnumerateFiles(folder.PathOf(folder.Steps[0]), "*.safetensors"))
        {
            using SafetensorsFile file = SafetensorsFile.Open(shard);
            Assert.All(file.Entries.Values, static entry => Assert.Equal(DType.Float32, entry.DType));
        }
    }

    [Fact]
    public async Task Fit_CheckpointOfAnotherModel_SaysSo()
    {
        RankRun first = await RankRun.OfAsync(1, 0, "--run", Sub("run"), "--epochs", "1");
        RankRun other = await RankRun.OfAsync(1, 0, "--run", Sub("run"), "--hidden", "16");

        Assert.True(first.ExitCode == 0, first.Text);
        Assert.Equal(1, other.ExitCode);
        Assert.Contains("is of another model or optimizer", RootCause(other), StringComparison.Ordinal);
        Assert.Contains(
            "0.weight: the model has float32[16, 784], the state float32[32, 784]",
            other.Text, StringComparison.Ordinal);
    }

    private static string RootCause(RankRun run) =>
        run.Lines.LastOrDefault(static line => line.Contains("root cause:", StringComparison.Ordinal)) ?? run.Text;

    private string Sub(string name) => Path.Combine(Folder, name);
}

using Lepton.Training.Loop;
using Lepton.Training.Records;

namespace Lepton.Training.Tests.Records;

public sealed class RecordsTests
{
    [Fact]
    public void Open_LinesBehindTheStep_AreDropped()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("lepton-records-");
        using (RunDirectory first = RunDirectory.Open(folder.FullName, 0, []))
        {
            first.Write(Line(1, 0.5));
            first.Write(Line(2, 0.4));
            first.Write(Line(3, 0.3));
        }

        File.AppendAllText(Path.Combine(folder.FullName, "metrics.jsonl"), "{\"step\": 4, \"epo");
        using (RunDirectory second = RunDirectory.Open(folder.FullName, 2, []))
        {
            second.Write(Line(3, 0.25));
            second.WriteCurves();
        }

        string[] lines = File.ReadAllLines(Path.Combine(folder.FullName, "metrics.jsonl"));
        Assert.Equal([0.5, 0.4, 0.25], lines.Select(static line => MetricLine.Parse(line)!.Values["loss"]));
        Assert.Contains("<polyline points=\"", File.ReadAllText(Path.Combine(folder.FullName, "curves.svg")));
        folder.Delete(recursive: true);
    }

    [Fact]
    public void Open_LineOfTheStepWasNotWritten_IsThereOnce()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("lepton-records-");
        using (RunDirectory first = RunDirectory.Open(folder.FullName, 0, []))
        {
            first.Write(Line(1, 0.5));
        }

        using (RunDirectory second = RunDirectory.Open(folder.FullName, 2, [Line(2, 0.4)]))
        {
            second.Write(Line(2, 0.4));
            second.Write(Line(3, 0.3));
        }

        RunDirectory.Open(folder.FullName, 3, [Line(3, 0.3)]).Dispose();
        string[] lines = File.ReadAllLines(Path.Combine(folder.FullName, "metrics.jsonl"));
        Assert.Equal([0.5, 0.4, 0.3], lines.Select(static line => MetricLine.Parse(line)!.Values["loss"]));
        folder.Delete(recursive: true);
    }

    [Fact]
    public void Line_HalfWay_ShowsBarRateAndTimeLeft() => Assert.Equal(
        "[##########..........] step 50/100  epoch 2  loss 0.2500  12,345 samples/s  1:05 left",
        Progress.Line(50, 100, 1, 0.25, 12345, 65));

    [Fact]
    public void Line_NoLossYet_LeavesItOut() => Assert.Equal(
        "[....................] step 3/100  epoch 1  12,345 samples/s  1:05 left",
        Progress.Line(3, 100, 0, double.NaN, 12345, 65));

    [Fact]
    public void Observe_NoBetterForPatience_IsOver()
    {
        var stopping = new EarlyStopping(new EarlyStoppingOptions { PatienceEpochs = 2 });
        foreach (double loss in new[] { 0.5, 0.4, 0.41 })
        {
            stopping.Observe(new Dictionary<string, double> { ["loss"] = loss });
        }

        Assert.False(stopping.IsOver);
        stopping.Observe(new Dictionary<string, double> { ["loss"] = 0.4 });
        Assert.True(stopping.IsOver);
        Assert.Equal(0.4, stopping.Best);
    }

    [Fact]
    public void Observe_MetricIsMissing_NamesThoseThatAreThere() => Assert.Contains(
        "the validation gives accuracy",
        Assert.Throws<ArgumentException>(() => new EarlyStopping(new EarlyStoppingOptions()).Observe(
            new Dictionary<string, double> { ["accuracy"] = 1 })).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Pace_ShortSteps_TalksSeldom()
    {
        var pace = new SyncPace();
        pace.Observe(1, 0.002, 2);
        Assert.Equal(201, pace.NextStep);
        pace.Observe(201, 200, 2);
        Assert.Equal(202, pace.NextStep);
    }

    [Fact]
    public void Write_TwoRuns_CurvesOfWhatWasValidatedAreDrawn()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("lepton-records-");
        string[] runs = [Path.Combine(folder.FullName, "plain"), Path.Combine(folder.FullName, "a<b")];
        foreach (string run in runs)
        {
            using RunDirectory records = RunDirectory.Open(run, 0, []);
            records.Write(Line(1, 0.5));
            records.Write(Line(2, 0.4) with { Split = RunDirectory.Validation });
            records.Write(Line(3, 0.001));
        }

        string path = Path.Combine(folder.FullName, "both.svg");
        RunCurves.Write(path, runs);

        string svg = File.ReadAllText(path);
        Assert.Equal(4, svg.Split("<polyline").Length - 1);
        Assert.Equal(2, svg.Split("stroke-dasharray").Length - 1);
        Assert.Contains(">plain</text>", svg, StringComparison.Ordinal);
        Assert.Contains(">a&lt;b</text>", svg, StringComparison.Ordinal);
        Assert.Contains("loss (logarithmic)", svg, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", svg, StringComparison.Ordinal);
        folder.Delete(recursive: true);
    }

    [Fact]
    public void Write_RunWithoutValidation_SaysSo()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("lepton-records-");
        using (RunDirectory records = RunDirectory.Open(folder.FullName, 0, []))
        {
            records.Write(Line(1, 0.5));
        }

        ArgumentException error = Assert.Throws<ArgumentException>(
            () => RunCurves.Write(Path.Combine(folder.FullName, "curves.svg"), folder.FullName));

        Assert.Contains("no metrics of a validation", error.Message, StringComparison.Ordinal);
        folder.Delete(recursive: true);
    }

    private static MetricLine Line(long step, double loss) =>
        new(step, 0, "train", new Dictionary<string, double> { ["loss"] = loss });
}

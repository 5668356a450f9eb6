using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Lepton.Compute.Events;
using Lepton.Compute.Reports;
using Lepton.Compute.Tests.Events;

namespace Lepton.Compute.Tests.Reports;

public sealed class HtmlReportTests
{
    private const string Evil = "<script>alert('x')</script>\"&\0\ud800";

    [Fact]
    public void Write_SampleSession_ShowsEveryAttemptOnItsWorkersLane()
    {
        IReadOnlyList<JobEvent> events = SampleSession.Events();
        var page = new ReportPage(events);

        IReadOnlyList<XElement> bars = page.Bars();
        Assert.Equal(events.OfType<TaskFinished>().Count(), bars.Count);
        Assert.Equal(1, bars.Count(bar => Has(bar, "failed")));
        Assert.Equal(2, bars.Count(bar => Has(bar, "lost")));
        Assert.Equal(1, bars.Count(bar => Has(bar, "speculative") && Has(bar, "cancelled")));
        Assert.Equal(3, page.All("path", "again").Count());
        Assert.Equal(
            ["worker 0", "worker 1", "worker 2", "worker 3"],
            page.All("g", "lane").Select(lane => lane.Elements("text").First().Value));
        foreach (XElement bar in bars)
        {
            AssertOnLane(page, bar);
        }
    }

    [Fact]
    public void Write_SampleSession_MarksTheKillAndTheReplacement()
    {
        var page = new ReportPage(SampleSession.Events());

        XElement mark = Assert.Single(page.All("g", "end"));
        Assert.True(Has(mark, "killed"));
        Assert.Equal("worker 1 killed", mark.Element("text")!.Value);
        Assert.Contains("SIGKILL", mark.Element("title")!.Value, StringComparison.Ordinal);
        XElement dead = Assert.Single(page.All("g", "ended"));
        Assert.Equal("worker 1", dead.Elements("text").First().Value);
        XElement replacement = page.All("g", "lane").Last();
        Assert.Contains("pid 4188 · from", replacement.Elements("text").Last().Value, StringComparison.Ordinal);
        Assert.True(Number(replacement.Element("rect")!, "x") > Number(mark.Element("line")!, "x1"));
    }

    [Fact]
    public void Write_SampleSession_TellsTheFacts()
    {
        var page = new ReportPage(SampleSession.Events());

        Assert.Equal("succeeded", page.All("span", "pill").First().Value);
        Assert.Equal(("120", "3", "3"), (page.Tile("Tasks"), page.Tile("Workers"), page.Tile("Retries")));
        Assert.Equal(("96.7 %", "95.3 %"), (page.Tile("Test accuracy"), page.Tile("Five-fold accuracy")));
        Assert.Equal(
            ["read iris.csv", "aggregate mean and variance after 1", "train trees after 1", "merge forest after 3"],
            page.Table("stages").Select(row => row[1]));
        Assert.Equal([["2", "worker 1 was lost"], ["1", "I/O error: the connection was reset"]], page.Table("retries"));
        Assert.Equal("91.9 MiB", page.Table("lost").Single()[4]);
        Assert.Equal(["2", "data/iris.csv"], page.Table("skipped").Single()[..2]);
        Assert.Equal("1, 4, 7, 10", page.Table("outputs").Single()[3]);
        Assert.Equal(4, page.Table("workers").Length);
        Assert.Contains("System.IO.IOException", page.Table("failures").Single()[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Write_ConfusionMatrix_IsAHeatTable()
    {
        var page = new ReportPage(SampleSession.Events());

        XElement table = page.All("table", "matrix").Single();
        Assert.Equal(["10", "9", "10"], page.All("td", "right").Select(cell => cell.Value));
        XElement error = page.All("td", "wrong").Single(cell => cell.Value != "0");
        Assert.Equal(("1", "--h:14"), (error.Value, (string?)error.Attribute("style")));
        IEnumerable<XElement> recall = table.Descendants("td").Where(cell => Has(cell, "axis"));
        Assert.Equal(["100 %", "90 %", "100 %"], recall.Select(cell => cell.Value));
        Assert.Contains("29 of 30 right (96.7 %)", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_Bars_AreAsLongAsTheirShareOfTheLargest()
    {
        var bars = new BarsContent([new("a", 4), new("b", -1), new("c", double.NaN)]);
        var page = new ReportPage([new Exhibit(TestLog.Start, "Bars", bars)]);

        Assert.Equal(
            ["width:100%", "width:25%", "width:0%"],
            page.All("span", "bar").Select(bar => (string?)bar.Attribute("style")));
        Assert.True(Has(page.All("span", "bar").ElementAt(1), "minus"));
        Assert.Contains("not a number", page.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "was published with 2 row names and 2 column names, but its rows do not have that shape")]
    [InlineData(61, "61 × 61 numbers are too many to show")]
    public void Write_MatrixThatCannotBeShown_SaysWhy(int side, string expected)
    {
        string[] names = [.. Enumerable.Range(0, side).Select(i => $"c{i}")];
        double[][] rows = [.. Enumerable.Range(0, side).Select(_ => new double[side > 2 ? side : 1])];
        var page = new ReportPage(
            [new Exhibit(TestLog.Start, "M", new MatrixContent("actual", "predicted", names, names, rows))]);

        Assert.Contains(expected, page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_TextOfUsersEverywhere_IsEscaped()
    {
        JobEvent[] events =
        [
            new SessionStarted(TestLog.At(0), Evil, SessionMode.Threads, 1, 1, 1, Evil, Evil),
            new WorkerStarted(TestLog.At(0), 0, 1),
            new StageStarted(TestLog.At(0), 1, Evil, 2, [0]),
            TestLog.Task(0) with { Outcome = TaskOutcome.Failed, ErrorType = Evil, ErrorMessage = Evil },
            new TaskRetried(TestLog.At(1), 1, 0, 2, Evil, 1),
            new WorkerKilled(TestLog.At(1), 0, Evil),
            new WorkerLost(TestLog.At(1), 0, 1, Evil, 1, 1),
            new RowsSkipped(TestLog.At(1), Evil, 1, [Evil]),
            new JobFinished(TestLog.At(1), Evil, false, 1, Evil),
            new Message(TestLog.At(1), Evil),
            new Exhibit(TestLog.At(1), Evil, new TextContent(Evil)),
            new Exhibit(TestLog.At(1), Evil, new ValuesContent([new(Evil, Evil, true)])),
            new Exhibit(TestLog.At(1), Evil, new BarsContent([new(Evil, 1)])),
            new Exhibit(TestLog.At(1), Evil, new MatrixContent(Evil, Evil, [Evil], [Evil], [[1]])),
            new SessionFinished(TestLog.At(1), false, 1, Evil),
        ];
        var page = new ReportPage(events);

        Assert.Single(page.Root.Descendants("script"));
        Assert.DoesNotContain("<script>alert", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain('\0', page.Text);
        Assert.Equal("<script>alert('x')</script>\"&\ufffd\ufffd", page.Root.Descendants("pre").Single().Value);
        Assert.True(page.Text.Split("&lt;script&gt;alert(&#39;x&#39;)").Length > 20);
    }

    [Fact]
    public void Write_AnyReport_LoadsNothingAndRunsOnlyItsOwnScript()
    {
        var page = new ReportPage(SampleSession.Events());

        Assert.DoesNotContain("://", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("@import", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(
            page.Root.DescendantsAndSelf().Attributes().Select(attribute => attribute.Name.LocalName),
            name => name is "src" or "href" || name.StartsWith("on", StringComparison.Ordinal));
        string hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(page.Script)));
        Assert.Contains($"script-src 'sha256-{hash}'", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_AnyReport_HasColoursForLightAndDark()
    {
        string style = new ReportPage(SampleSession.Events()).Root.Descendants("style").Single().Value;

        Assert.Contains("prefers-color-scheme: dark", style, StringComparison.Ordinal);
        Assert.Contains("color-scheme: light dark", style, StringComparison.Ordinal);
    }

    [Fact]
    public void Trap74_TwoHundredThousandTasks_AreASmallPageOfColumns()
    {
        var page = new ReportPage(Many(200_000, workers: 8));

        Assert.Empty(page.All("g", "tasks"));
        Assert.InRange(page.Text.Length, 10_000, 1_500_000);
        Assert.InRange(page.All("g", "cells").Single().Elements("rect").Count(), 100, 8_000);
        Assert.Equal("200,000", page.Tile("Tasks"));
    }

    [Fact]
    public void Write_ThousandsOfWorkersAndStages_StaysSmall()
    {
        IEnumerable<JobEvent> workers = Enumerable.Range(0, 3_000).Select(
            i => new WorkerStarted(TestLog.Start, i, i + 10));
        IEnumerable<JobEvent> ends = Enumerable.Range(0, 3_000).Select(
            i => new WorkerLost(TestLog.At(99), i, i + 10, "out of memory", 1, 0));
        var page = new ReportPage([.. workers, .. Many(30_000, workers: 3_000, stages: 2_000), .. ends]);

        Assert.Equal(TimelineSvg.LanesMax, page.All("g", "lane").Count());
        Assert.Equal(500, page.Table("stages").Length);
        Assert.Contains("and 801 workers more", page.Text, StringComparison.Ordinal);
        Assert.Contains("and 1,500 stages more", page.Text, StringComparison.Ordinal);
        Assert.InRange(page.Text.Length, 10_000, 3_000_000);
    }

    [Fact]
    public void Write_HundredThousandFailuresWithTextsOfTheirOwn_StaysSmall()
    {
        string padding = new('x', 5_000);
        var page = new ReportPage(Enumerable.Range(0, 100_000).SelectMany<int, JobEvent>(i =>
        [
            TestLog.Task(i, i) with { Outcome = TaskOutcome.Failed, ErrorMessage = $"row {i} {padding}" },
            new TaskRetried(TestLog.At(i), 1, i, 2, $"row {i}", 1),
            new RowsSkipped(TestLog.At(i), $"file {i}", 1, [padding]),
            new Message(TestLog.At(i), $"message {i}"),
        ]));

        Assert.InRange(page.Text.Length, 10_000, 1_500_000);
        Assert.Contains("and 99,800 retries more", page.Text, StringComparison.Ordinal);
        Assert.Equal("100,000", page.Tile("Retries"));
    }

    [Theory]
    [InlineData(true, 0, 0, "Torn.")]
    [InlineData(false, 3, 0, "3 lines of the log could not be read")]
    [InlineData(false, 0, 1, "1 event could not be written to the log")]
    public void Write_LogWithGaps_SaysSoAtTheTop(bool torn, long damaged, long lost, string expected)
    {
        JobReport report = JobReport.FromEvents([TestLog.Task(1)]) with
        {
            IsTorn = torn,
            DamagedLines = damaged,
            LostEvents = lost,
        };
        var page = new ReportPage(report);

        Assert.Contains(expected, page.Text, StringComparison.Ordinal);
        Assert.Contains("Unfinished.", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_ToAFile_ReplacesItAndLeavesNothingElse()
    {
        using var folder = new TestLog();
        folder.WriteText("old");
        HtmlReport.Write(JobReport.FromEvents(SampleSession.Events()), folder.Path);

        Assert.StartsWith("<!DOCTYPE html>", File.ReadAllText(folder.Path), StringComparison.Ordinal);
        Assert.Single(Directory.GetFileSystemEntries(Path.GetDirectoryName(folder.Path)!));
    }

    [Fact]
    public void Write_ToAPathThatCannotBe_SaysWhatToDo()
    {
        using var folder = new TestLog();
        folder.WriteText("a file, not a folder");

        EventLogException e = Assert.Throws<EventLogException>(
            () => HtmlReport.Write(JobReport.FromEvents([TestLog.Task(1)]), Path.Combine(folder.Path, "report.html")));

        Assert.Contains("can't be written", e.Message, StringComparison.Ordinal);
        Assert.Contains("report.html", e.Message, StringComparison.Ordinal);
        Assert.Contains("Give a path in a folder", e.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<JobEvent> Many(int tasks, int workers, int stages = 4) => Enumerable.Range(0, tasks)
        .Select(i => TestLog.Task(i, i / workers * 0.002, 1.9, i % workers) with { Stage = i % stages });

    private static bool Has(XElement element, string className) =>
        ((string?)element.Attribute("class") ?? "").Split(' ').Contains(className);

    private static double Number(XElement element, string attribute) =>
        double.Parse(element.Attribute(attribute)!.Value, System.Globalization.CultureInfo.InvariantCulture);

    private static void AssertOnLane(ReportPage page, XElement bar)
    {
        string worker = bar.Element("title")!.Value.Split('\n')[1].Split(" · ")[0];
        XElement lane = page.All("g", "lane").Single(lane => lane.Elements("text").First().Value == worker);
        XElement track = lane.Element("rect")!;
        Assert.InRange(Number(bar, "y"), Number(track, "y"), Number(track, "y") + Number(track, "height"));
        Assert.InRange(
            Number(bar, "y") + Number(bar, "height"), Number(track, "y"), Number(track, "y") + Number(track, "height"));
    }
}

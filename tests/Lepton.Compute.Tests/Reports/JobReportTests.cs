using Lepton.Compute.Events;
using Lepton.Compute.Reports;
using Lepton.Compute.Tests.Events;

namespace Lepton.Compute.Tests.Reports;

public sealed class JobReportTests
{
    [Fact]
    public void FromEvents_SampleSession_SumsUp()
    {
        JobReport report = JobReport.FromEvents(SampleSession.Events());

        Assert.Equal(("iris", ReportStatus.Succeeded), (report.Program, report.Status));
        Assert.Equal((120, 124, 3), (report.Tasks, report.Attempts, report.Retries));
        Assert.Equal((1, 1), (report.WorkersKilled, report.WorkersLost));
        StageSummary trees = report.Details.Stages[2];
        Assert.Equal((90, 94, 90, 3), (trees.TaskCount, trees.Attempts, trees.Succeeded, trees.Retries));
        Assert.Equal((90, 90 * 18_300), (trees.RowsOut, trees.ShuffleWrittenBytes));
        Assert.InRange(trees.MedianMs, 40, 50);
        Assert.Equal(56, trees.MaxMs);
    }

    [Fact]
    public void FromEvents_NoEvents_Throws() =>
        Assert.Throws<EventLogException>(() => JobReport.FromEvents([]));

    [Fact]
    public void FromLog_EmptyFile_NamesIt()
    {
        using var log = new TestLog();
        log.WriteText("");

        EventLogException e = Assert.Throws<EventLogException>(() => JobReport.FromLog(log.Path));

        Assert.Contains(log.Path, e.Message, StringComparison.Ordinal);
        Assert.Contains("holds no events", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FromLog_TornAndDamaged_IsUnfinishedAndCounts()
    {
        using var log = new TestLog();
        log.WriteText(
            TestLog.Json(new JobFinished(TestLog.At(1), "count", true, 1)) + "rubbish\n" + "{\"event\":\"Mess");

        JobReport report = JobReport.FromLog(log.Path, lenient: true);

        Assert.Equal((true, 1), (report.IsTorn, report.DamagedLines));
        Assert.Equal(ReportStatus.Unfinished, report.Status);
    }

    [Theory]
    [InlineData("", ReportStatus.Unfinished)]
    [InlineData("start", ReportStatus.Unfinished)]
    [InlineData("start,good", ReportStatus.Succeeded)]
    [InlineData("start,bad", ReportStatus.Failed)]
    [InlineData("start,good,start", ReportStatus.Unfinished)]
    [InlineData("start,bad,end", ReportStatus.Failed)]
    [InlineData("start,good,end", ReportStatus.Succeeded)]
    [InlineData("start,good,crash", ReportStatus.Failed)]
    public void FromEvents_JobsAndEndOfSession_GiveTheStatus(string steps, ReportStatus expected)
    {
        var events = new List<JobEvent> { TestLog.Task(1) };
        foreach (string step in steps.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            events.Add(step switch
            {
                "start" => new JobStarted(TestLog.At(1), "count"),
                "good" => new JobFinished(TestLog.At(1), "count", true, 1),
                "bad" => new JobFinished(TestLog.At(1), "count", false, 1, "boom"),
                "end" => new SessionFinished(TestLog.At(2), true, 2),
                _ => new SessionFinished(TestLog.At(2), false, 2, "crash"),
            });
        }

        Assert.Equal(expected, JobReport.FromEvents(events).Status);
    }

    [Fact]
    public void FromEvents_WorkerReplacedUnderItsNumber_HasALaneForEachLife()
    {
        JobReport report = JobReport.FromEvents(
        [
            new WorkerStarted(TestLog.At(0), 0, 11),
            TestLog.Task(0, startSeconds: 1),
            new WorkerLost(TestLog.At(2), 0, 11, "exit code 139", 77, 1),
            new WorkerStarted(TestLog.At(3), 0, 12),
            TestLog.Task(1, startSeconds: 1.9, durationMs: 100) with { Outcome = TaskOutcome.Lost },
            TestLog.Task(1, startSeconds: 4),
        ]);

        IReadOnlyList<WorkerLane> lanes = report.Details.Lanes;
        Assert.Equal(["worker 0", "worker 0 (2)"], lanes.Select(lane => lane.Name));
        Assert.Equal([11, 12], lanes.Select(lane => lane.ProcessId));
        Assert.Equal([(1L, 1L), (1L, 0L)], lanes.Select(lane => (lane.Succeeded, lane.Lost)));
        Assert.Equal([2_000, null], lanes.Select(lane => lane.EndMs));
        Assert.Equal([0, 0, 1], report.Details.Timeline.Bars!.Select(bar => bar.Lane));
    }

    [Fact]
    public void FromEvents_KilledWorker_IsOneEndWithReasonAndCause()
    {
        JobReport report = JobReport.FromEvents(
        [
            new WorkerStarted(TestLog.At(0), 0, 11),
            new WorkerKilled(TestLog.At(1), 0, "to show it"),
            new WorkerLost(TestLog.At(1.1), 0, 11, "SIGKILL", 77, 1),
            new WorkerStarted(TestLog.At(2), 0, 12),
            new WorkerLost(TestLog.At(3), 0, 12, "out of memory", 99, 2),
        ]);

        Assert.Equal(2, report.Details.WorkerEnds.Total);
        WorkerEnd[] ends = [.. report.Details.WorkerEnds.Items];
        Assert.Equal(("to show it", "SIGKILL", 1_000, "worker 0 killed"),
            (ends[0].KilledBecause, ends[0].Cause, ends[0].AtMs, ends[0].Label));
        Assert.Equal((null, "out of memory", 1, "worker 0 lost"),
            (ends[1].KilledBecause, ends[1].Cause, ends[1].Lane, ends[1].Label));
    }

    [Fact]
    public void FromEvents_LogWithoutItsFirstLines_StartsWithTheFirstTask()
    {
        JobReport report = JobReport.FromEvents([TestLog.Task(0, startSeconds: 5, durationMs: 250)]);

        Assert.Equal((TestLog.At(5), 0.25), (report.StartedAt, report.Seconds));
        Assert.Equal("stage 1", report.Details.Stages.Single().Name);
        Assert.Equal("unknown program", report.Program);
    }

    [Fact]
    public void FromEvents_TasksAtOnceOnOneWorker_HaveRowsOfTheirOwn()
    {
        JobReport report = JobReport.FromEvents(
            [TestLog.Task(0, 0, 10), TestLog.Task(1, 0, 11), TestLog.Task(2, 0.010, 5)]);

        Assert.Equal([0, 1, 0], report.Details.Timeline.Bars!.Select(bar => bar.Row));
        Assert.Equal(2, report.Details.Lanes.Single().Rows);
    }

    [Fact]
    public void FromEvents_OneTaskTooMany_TurnsBarsIntoColumns()
    {
        IEnumerable<JobEvent> tasks = Enumerable.Range(0, JobReportBuilder.BarsMax).Select(i => TestLog.Task(i));

        Assert.NotNull(JobReport.FromEvents(tasks).Details.Timeline.Bars);
        Assert.Null(JobReport.FromEvents([.. tasks, TestLog.Task(1)]).Details.Timeline.Bars);
    }

    [Fact]
    public void FromEvents_UnknownEventsAndGaps_AreCounted()
    {
        JobReport report = JobReport.FromEvents(
        [
            new UnknownEvent(DateTimeOffset.MinValue, "MoonLanding", "{}"),
            TestLog.Task(1),
            new EventsLost(TestLog.At(1), 5, "disk full"),
            new EventsLost(TestLog.At(1), 6, "disk full"),
        ]);

        Assert.Equal((1, 11), (report.UnknownEvents, report.LostEvents));
        Assert.Equal(TestLog.Start, report.StartedAt);
    }

    [Fact]
    public void FromEvents_SkippedRowsOfOneFile_AreSummedWithAFewSamples()
    {
        JobReport report = JobReport.FromEvents(Enumerable.Range(0, 4).Select(
            i => new RowsSkipped(TestLog.At(i), "a.csv", 10, [$"line {i}a", $"line {i}b"])));

        SkippedFile file = Assert.Single(report.Details.Skipped.Items);
        Assert.Equal(("a.csv", 40), (file.File, file.Count));
        Assert.Equal(["line 0a", "line 0b", "line 1a", "line 1b", "line 2a"], file.Samples);
    }
}

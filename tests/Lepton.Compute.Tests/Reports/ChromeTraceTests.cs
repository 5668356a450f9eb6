using System.Text;
using System.Text.Json;
using Lepton.Compute.Events;
using Lepton.Compute.Reports;
using Lepton.Compute.Tests.Events;

namespace Lepton.Compute.Tests.Reports;

public sealed class ChromeTraceTests
{
    [Fact]
    public void Write_SampleSession_HasABarForEachAttempt()
    {
        JsonElement[] bars = [.. Trace(SampleSession.Events()).Where(e => Phase(e) == "X")];

        Assert.Equal(124, bars.Length);
        Assert.Equal(
            ["cancelled", "failed", "lost", "lost"],
            bars.Select(bar => bar.GetProperty("args").GetProperty("outcome").GetString())
                .Where(outcome => outcome != "succeeded").Order());
    }

    [Fact]
    public void Write_SampleSession_HasNoOverlapOnAThread()
    {
        IEnumerable<IGrouping<int, JsonElement>> threads = Trace(SampleSession.Events())
            .Where(e => Phase(e) == "X").GroupBy(e => e.GetProperty("tid").GetInt32());
        foreach (IGrouping<int, JsonElement> thread in threads)
        {
            double end = 0;
            foreach (JsonElement bar in thread.OrderBy(e => e.GetProperty("ts").GetDouble()))
            {
                Assert.True(bar.GetProperty("ts").GetDouble() >= end - 5);
                end = bar.GetProperty("ts").GetDouble() + bar.GetProperty("dur").GetDouble();
            }
        }
    }

    [Fact]
    public void Write_SampleSession_NamesItsThreadsAndMarksTheKill()
    {
        JsonElement[] trace = Trace(SampleSession.Events());

        string?[] names = [.. trace.Where(e => e.GetProperty("name").GetString() == "thread_name")
            .Select(e => e.GetProperty("args").GetProperty("name").GetString())];
        Assert.Equal(names.Distinct(), names);
        Assert.Empty(new[] { "worker 0", "worker 0, slot 2", "worker 3" }.Except(names));
        Assert.Equal(
            names.Length, trace.Where(e => Phase(e) == "M" && Thread(e) != 0).Select(Thread).Distinct().Count());
        JsonElement kill = trace.Single(e => e.GetProperty("name").GetString()!.StartsWith(
            "worker 1 killed: quickstart", StringComparison.Ordinal));
        Assert.Equal(("i", "g"), (Phase(kill), kill.GetProperty("s").GetString()));
        Assert.Equal(trace.Count(e => Phase(e) == "b"), trace.Count(e => Phase(e) == "e"));
    }

    [Fact]
    public void Write_SmallLog_IsTheGoldenTrace()
    {
        using var stream = new MemoryStream();
        ChromeTrace.Write(
        [
            new SessionStarted(TestLog.At(0), "s", SessionMode.Processes, 1, 1, 1, "0.1.0", "iris"),
            new StageStarted(TestLog.At(0.5), 1, "read \"x\"", 1, []),
            TestLog.Task(7, startSeconds: 1, durationMs: 2.5),
            new UnknownEvent(TestLog.At(9), "X", "{}"),
            new StageFinished(TestLog.At(2), 1, 1.5),
        ], stream);

        string[] expected =
        [
            """{"displayTimeUnit":"ms","traceEvents":[""",
            """{"ph":"M","name":"process_name","pid":1,"tid":0,"args":{"name":"iris"}},""",
            """{"ph":"b","name":"read \"x\"","pid":1,"tid":0,"ts":500000,"cat":"stage","id":1},""",
            """{"ph":"M","name":"thread_name","pid":1,"tid":1,"args":{"name":"worker 0"}},""",
            """{"ph":"X","name":"read \"x\" [7]","pid":1,"tid":1,"ts":1000000,"dur":2500,"cat":"task","args":""",
            """{"stage":1,"partition":7,"attempt":1,"outcome":"succeeded","queuedMs":0,"rowsOut":0,""",
            """ "spilledBytes":0,"speculative":false}},""",
            """{"ph":"e","name":"read \"x\"","pid":1,"tid":0,"ts":2000000,"cat":"stage","id":1}]}""",
        ];
        Assert.Equal(string.Concat(expected.Select(line => line.Trim())), Encoding.UTF8.GetString(stream.ToArray()));
    }

    [Fact]
    public void Write_LogThatBreaksHalfWay_LeavesNoFile()
    {
        using var folder = new TestLog();
        folder.WriteText(TestLog.Json(TestLog.Task(1)) + "rubbish\n" + TestLog.Json(TestLog.Task(2)));

        Assert.Throws<EventLogException>(
            () => ChromeTrace.Write(EventLogReader.Read(folder.Path), folder.File("trace.json")));

        Assert.Single(Directory.GetFileSystemEntries(Path.GetDirectoryName(folder.Path)!));
    }

    private static JsonElement[] Trace(IEnumerable<JobEvent> events)
    {
        using var stream = new MemoryStream();
        ChromeTrace.Write(events, stream);
        using JsonDocument document = JsonDocument.Parse(stream.ToArray());
        return [.. document.RootElement.GetProperty("traceEvents").EnumerateArray().Select(e => e.Clone())];
    }

    private static string? Phase(JsonElement e) => e.GetProperty("ph").GetString();

    private static int Thread(JsonElement e) => e.GetProperty("tid").GetInt32();
}

using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Lepton.Compute.Events;

namespace Lepton.Compute.Tests.Events;

public sealed class JobEventSerializerTests
{
    public static TheoryData<string> Kinds =>
        [.. typeof(JobEvent).Assembly.GetTypes()
            .Where(type => type.BaseType == typeof(JobEvent) && type != typeof(UnknownEvent))
            .Select(type => type.Name)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Parse_EventOfEachKind_GivesItBack(string kind)
    {
        JobEvent[] samples = [.. SampleEvents.OneOfEach.Where(e => e.GetType().Name == kind)];
        Assert.NotEmpty(samples);
        foreach (JobEvent sample in samples)
        {
            string line = TestLog.Json(sample);
            JobEvent parsed = JobEventSerializer.Parse(Encoding.UTF8.GetBytes(line));

            Assert.IsType(sample.GetType(), parsed);
            Assert.Equal(line, TestLog.Json(parsed));
            Assert.StartsWith($"{{\"event\":\"{kind}\",\"time\":\"2026-03-01T12:00:", line, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Write_FinishedTask_IsWhatGeneratedCodeReads()
    {
        var full = (TaskFinished)SampleEvents.OneOfEach.Single(e => e is TaskFinished);

        Assert.Equal(full, JobEventSerializer.Parse(Encoding.UTF8.GetBytes(TestLog.Json(full))));
    }

    [Fact]
    public void Write_PlainTask_LeavesOutWhatIsZero() =>
        Assert.Equal(
            """{"event":"TaskFinished","time":"2026-03-01T12:00:00.01+00:00","stage":1,"partition":3,"attempt":1,"""
            + "\"worker\":0,\"start\":\"2026-03-01T12:00:00+00:00\",\"durationMs\":10,\"outcome\":\"succeeded\"}\n",
            TestLog.Json(TestLog.Task(3)));

    [Fact]
    public void Write_FinishedTaskOfAnyFigures_RoundTrips() => Prop.ForAll(
        ArbMap.Default.ArbFor<(int, long, bool, string?)>(),
        figures =>
        {
            TaskFinished task = TestLog.Task(figures.Item1) with
            {
                RowsOut = figures.Item2,
                Speculative = figures.Item3,
                ErrorMessage = figures.Item4 is string text && IsUnicode(text) ? text : null,
                Outcome = (TaskOutcome)((uint)figures.Item1 % 4),
            };
            return task == JobEventSerializer.Parse(Encoding.UTF8.GetBytes(TestLog.Json(task)));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Write_MeasurementThatIsNoNumber_BecomesZero() =>
        Assert.Contains(
            "\"durationMs\":0,",
            TestLog.Json(TestLog.Task(1, durationMs: 1) with { DurationMs = double.NaN }),
            StringComparison.Ordinal);

    [Fact]
    public void Parse_UnknownEvent_IsKeptAsItStands()
    {
        const string Line = """{"event":"MoonLanding","time":"2026-03-01T12:00:01+00:00","crew":["a",{"b":1}]}""";

        UnknownEvent unknown = Assert.IsType<UnknownEvent>(JobEventSerializer.Parse(Encoding.UTF8.GetBytes(Line)));

        Assert.Equal(("MoonLanding", TestLog.At(1), Line), (unknown.Name, unknown.Time, unknown.Json));
        Assert.Equal(Line + "\n", TestLog.Json(unknown));
    }

    [Fact]
    public void Parse_UnknownEventWithoutTime_HasTheSmallestTime() =>
        Assert.Equal(DateTimeOffset.MinValue, JobEventSerializer.Parse("""{"event":"X"}"""u8).Time);

    [Fact]
    public void Parse_ExhibitOfANewerKind_IsKeptAsUnknown() =>
        Assert.Equal("Exhibit", Assert.IsType<UnknownEvent>(JobEventSerializer.Parse(
            """{"event":"Exhibit","time":"2026-03-01T12:00:00Z","title":"t","content":{"kind":"globe"}}"""u8)).Name);

    [Fact]
    public void Parse_KnownEventWithANewerField_IgnoresIt() =>
        Assert.Equal(new Message(TestLog.Start, "hi"), JobEventSerializer.Parse(
            """{"event":"Message","time":"2026-03-01T12:00:00Z","text":"hi","mood":"good"}"""u8));

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"time":"2026-03-01T12:00:00Z","event":"Message"}""")]
    [InlineData("""{"event":7}""")]
    [InlineData("""{"event":"Message","time":"2026-03-01T12:00:00Z"}""")]
    [InlineData("""{"event":"Message","time":"yesterday","text":"hi"}""")]
    [InlineData("""{"event":"Message","time":"2026-03-01T12:00:00Z","text":null}""")]
    [InlineData("""{"event":"Message","time":"2026-03-01T12:00:00Z","text":"hi"} x""")]
    [InlineData("""{"event":"X"} {"event":"Y"}""")]
    [InlineData("""{"event":"X""")]
    public void Parse_DamagedLine_Throws(string line) =>
        Assert.ThrowsAny<JsonException>(() => JobEventSerializer.Parse(Encoding.UTF8.GetBytes(line)));

    [Fact]
    public void Parse_BytesThatAreNotUtf8_Throws() =>
        Assert.ThrowsAny<JsonException>(
            () => JobEventSerializer.Parse([.. "{\"event\":\"X"u8, 0xff, 0xfe, .. "\"}"u8]));

    private static bool IsUnicode(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && (!char.IsSurrogatePair(text, i) || i++ < 0))
            {
                return false;
            }
        }

        return true;
    }
}

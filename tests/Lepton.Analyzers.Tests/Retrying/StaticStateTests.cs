namespace Lepton.Analyzers.Tests.Retrying;

public sealed class StaticStateTests
{
    private const string Members =
        "static int s_limit = 1; static int Rate { get; set; } = 2; const int Fixed = 3; " +
        "static readonly int s_ready = 4; static int s_cache; static int Computed => Fixed; " +
        "[ThreadStatic] static int t_own; " +
        "static int Limited(int x) => x + s_limit;";

    [Fact]
    public void Read_StaticField_SaysWhatWorkersSeeAndWhatToDo() => Assert.Equal(
        [
            "The lambda passed to 'Select' reads 'Program.s_limit', a static variable. Each worker process has its " +
            "own, with the value that its initialiser gave it. Copy it to a local before the job, and capture that.",
        ],
        Check("rows.Select(x => x + [|s_limit|]);"));

    [Fact]
    public void Read_StaticProperty_Found() => Assert.Single(Check("rows.Select(x => x + [|Rate|]);"));

    [Fact]
    public void Read_ThroughACall_MarksTheCall() => Assert.Contains(
        "calls 'Limited', which reads 'Program.s_limit'",
        Assert.Single(Check("rows.Select(x => [|Limited(x)|]);")),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("x + Fixed")]
    [InlineData("x + s_ready")]
    [InlineData("x + Computed")]
    [InlineData("x + t_own")]
    [InlineData("s_cache == 0 ? s_cache = x : s_cache")]
    [InlineData("Interlocked.Increment(ref s_cache) + x")]
    [InlineData("x + Environment.ProcessorCount")]
    public void Read_NothingThatChangesOutside_NotMarked(string use) =>
        Assert.Empty(Check($"rows.Select(x => {use});"));

    private static IReadOnlyList<string> Check(string statement) =>
        Snippet.OfStatements(statement, Members).Check("LPT003");
}

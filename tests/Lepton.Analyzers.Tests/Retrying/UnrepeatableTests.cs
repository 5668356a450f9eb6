namespace Lepton.Analyzers.Tests.Retrying;

public sealed class UnrepeatableTests
{
    [Fact]
    public void Clock_InLambda_SaysWhatToDo() => Assert.Equal(
        [
            "The lambda passed to 'Select' reads the clock (DateTime.UtcNow), so a task that is tried again gives " +
            "another result. Read the clock before the job, and capture the value in a local.",
        ],
        Snippet.OfStatements("rows.Select(x => [|DateTime.UtcNow|].Ticks + x);").Check("LPT002"));

    [Theory]
    [InlineData("DateTime.Now")]
    [InlineData("DateTime.Today")]
    [InlineData("DateTimeOffset.Now")]
    [InlineData("DateTimeOffset.UtcNow")]
    [InlineData("Environment.TickCount")]
    [InlineData("Environment.TickCount64")]
    [InlineData("Stopwatch.GetTimestamp()")]
    [InlineData("Stopwatch.StartNew()")]
    [InlineData("new Stopwatch()")]
    [InlineData("TimeProvider.System")]
    public void Clock_Read_Found(string call) =>
        Assert.Contains("reads the clock (", CheckOne(call), StringComparison.Ordinal);

    [Theory]
    [InlineData("Random.Shared")]
    [InlineData("new Random()")]
    [InlineData("System.Security.Cryptography.RandomNumberGenerator.GetInt32(5)")]
    [InlineData("System.Security.Cryptography.RandomNumberGenerator.Create()")]
    public void Random_Unseeded_AdvisesSeededRandom(string call) => Assert.Matches(
        "draws unseeded random numbers .*create a SeededRandom inside the lambda", CheckOne(call));

    [Theory]
    [InlineData("Guid.NewGuid()")]
    [InlineData("Guid.CreateVersion7()")]
    [InlineData("Path.GetRandomFileName()")]
    public void Id_Random_Found(string call) =>
        Assert.Contains("makes a random id (", CheckOne(call), StringComparison.Ordinal);

    [Theory]
    [InlineData("x.ToString().GetHashCode()")]
    [InlineData("HashCode.Combine(x, 1)")]
    public void Hash_OfThisProcess_AdvisesStableHash(string call) =>
        Assert.Contains("Use StableHash", CheckOne(call), StringComparison.Ordinal);

    [Theory]
    [InlineData("new Random(7).Next()")]
    [InlineData("new DateTime(2026, 1, 1)")]
    [InlineData("DateTime.Parse(\"2026-01-01\").Year")]
    [InlineData("Guid.Parse(\"0\")")]
    [InlineData("x.GetHashCode()")]
    [InlineData("Environment.NewLine")]
    [InlineData("start.Ticks")]
    public void Repeatable_Expression_NotMarked(string expression) => Assert.Empty(Snippet.OfStatements(
        $"var start = DateTime.UtcNow; rows.Select(x => {expression});").Check("LPT002"));

    [Fact]
    public void Clock_InCalledMethod_MarksCall() => Assert.StartsWith(
        "The lambda passed to 'Select' calls 'Stamp', which reads the clock (DateTime.Now), so",
        Assert.Single(Snippet.OfStatements(
            "rows.Select(x => x + [|Stamp()|]);", "static long Stamp() => DateTime.Now.Ticks;").Check("LPT002")),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("long Stamp() => DateTime.Now.Ticks; rows.Select(x => [|Stamp()|]);")]
    [InlineData("rows.Select(x => [|Clock.Stamp()|]);")]
    [InlineData("rows.Select(x => [|Clock.Property|]);")]
    [InlineData("rows.Select(x => [|new Clock()|]);")]
    [InlineData("rows.Select(x => new[] { x }.Select([|Clock.Of|]).First());")]
    [InlineData("rows.Select([|Clock.Of|]);")]
    public void Clock_OneCallAway_Found(string statements) => Assert.Single(Snippet.OfStatements(statements, """
        class Clock
        {
            public Clock() { Start = DateTime.Now; }
            public DateTime Start;
            public static long Property { get { return DateTime.Now.Ticks; } }
            public static long Stamp() { return DateTime.Now.Ticks; }
            public static long Of(int x) => DateTime.Now.Ticks + x;
        }
        """).Check("LPT002"));

    [Fact]
    public void Clock_TwoCallsAway_NotFollowed() => Assert.Empty(Snippet.OfStatements(
        "rows.Select(x => Outer());", "static long Outer() => Inner(); static long Inner() => DateTime.Now.Ticks;")
        .Check("LPT002"));

    [Fact]
    public void Clock_InLocalFunctionOfLambda_MarkedThere() => Assert.Single(Snippet.OfStatements(
        "rows.Select(x => { long Stamp() => [|DateTime.Now|].Ticks; return Stamp() + Stamp(); });").Check("LPT002"));

    [Fact]
    public void Clock_RecursiveMethod_Ends() => Assert.Single(Snippet.OfStatements(
        "rows.Select(x => [|Loop(x)|]);", "static long Loop(int x) => x == 0 ? DateTime.Now.Ticks : Loop(x - 1);")
        .Check("LPT002"));

    private static string CheckOne(string call) =>
        Assert.Single(Snippet.OfStatements($"rows.Select(x => {{ var y = [|{call}|]; return 1; }});").Check("LPT002"));
}

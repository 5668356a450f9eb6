namespace Lepton.Analyzers.Tests.Capturing;

public sealed class LostWriteTests
{
    [Fact]
    public void Change_CapturedCounter_SaysThatWritesAreLost() => Assert.Equal(
        [
            "The lambda passed to 'ForEach' changes 'count', but each worker changes a copy of its own: the writes " +
            "are lost. Return the values, or combine them with Aggregate or Count.",
        ],
        Snippet.OfStatements("var count = 0; rows.ForEach(x => [|count|]++);").Check("LPT001"));

    [Theory]
    [InlineData("[|total|] = x")]
    [InlineData("[|total|] += x")]
    [InlineData("--[|total|]")]
    [InlineData("Interlocked.Increment(ref [|total|])")]
    [InlineData("int.TryParse(\"1\", out [|total|])")]
    [InlineData("([|total|], _) = (x, x)")]
    [InlineData("[|text|] ??= \"\"")]
    [InlineData("[|list|].Add(x)")]
    [InlineData("[|seen|].Add(x)")]
    [InlineData("[|map|][x] = 1")]
    [InlineData("[|map|].Remove(x)")]
    [InlineData("[|array|][0] += x")]
    [InlineData("[|box|].Value = x")]
    [InlineData("[|box|].Inner.Value++")]
    [InlineData("[|box|].All.Clear()")]
    [InlineData("[|text2|].Append(x)")]
    public void Change_CapturedVariable_Found(string change) => Assert.Single(Check(change));

    [Theory]
    [InlineData("[|_field|]++")]
    [InlineData("[|this._field|]++")]
    [InlineData("[|Property|] = x")]
    [InlineData("[|_list|].Add(x)")]
    public void Change_MemberOfThis_Found(string change) => Assert.Contains(
        "changes 'this.",
        Assert.Single(Snippet.OfStatements(
            $"rows.ForEach(x => {change});", "int _field; int Property { get; set; } List<int> _list = [];")
            .Check("LPT001")),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("Console.WriteLine(total + x + list.Count + map.Count + array[0] + box.Value)")]
    [InlineData("{ var own = 0; own += x; var mine = new List<int>(); mine.Add(own); box.ToString(); }")]
    [InlineData("{ x++; void Up() => x++; Up(); }")]
    [InlineData("s_count++")]
    [InlineData("list.Contains(x)")]
    [InlineData("fixedList.Add(x)")]
    [InlineData("{ int sum = 0; Action<int> add = y => sum += y; add(x); }")]
    public void Read_CapturedVariable_NotMarked(string use) => Assert.Empty(Check(use));

    [Fact]
    public void Change_ThroughLocalFunction_MarksCall() => Assert.Contains(
        "changes 'total' (through 'Add')", Assert.Single(Check("[|Add(x)|]")), StringComparison.Ordinal);

    [Theory]
    [InlineData("lock ([|gate|]) { }", "'gate'")]
    [InlineData("lock ([|_gate|]) { }", "'this._gate'")]
    [InlineData("lock ([|this|]) { }", "'this'")]
    public void Lock_Captured_SaysThatWorkersAreNotExcluded(string statement, string name) => Assert.Equal(
        $"The lambda passed to 'ForEach' locks {name}, but each worker locks a copy of its own: workers don't " +
        "exclude each other. Tasks share nothing, so leave the lock out; combine results with Aggregate or GroupBy.",
        Assert.Single(Snippet.OfStatements(
            $"var gate = new object(); rows.ForEach(x => {{ {statement} }});", "object _gate = new();")
            .Check("LPT001")));

    private static IReadOnlyList<string> Check(string body) => Snippet.OfStatements(
        $$"""
        var total = 0; string text = null; var list = new List<int>(); var seen = new HashSet<int>();
        var map = new Dictionary<int, int>(); var array = new int[1]; var box = new Box();
        var text2 = new System.Text.StringBuilder();
        var fixedList = System.Collections.Immutable.ImmutableList<int>.Empty;
        void Add(int y) => total += y;
        Add(1);
        rows.ForEach(x => {{body}});
        """,
        "static int s_count; class Box { public int Value; public Box Inner; public List<int> All; }").Check("LPT001");
}

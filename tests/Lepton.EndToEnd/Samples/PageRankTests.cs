using System.Globalization;
using Lepton.EndToEnd.Programs;
using PageRank;

namespace Lepton.EndToEnd.Samples;

public sealed class PageRankTests
{
    private const double Damping = 0.85;

    [Theory]
    [MemberData(nameof(HowToRun.All), MemberType = typeof(HowToRun))]
    public async Task PageRank_AnyWorkers_AgreesWithLinqOverTheSameGraph(string how, string many)
    {
        using ProgramRun run = await ProgramRun.OfAsync(
            "pagerank", "--nodes", "500", "--links", "3000", "--iterations", "3", "--seed", "7", how, many);

        Assert.Equal(Expected(new PowerLawGraph(7, 500), 3000, 3), run.Answer);
        Assert.Empty(run.LeftBehind);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task PageRank_Defaults_AgreesWithLinqOverTheSameGraph()
    {
        using ProgramRun run = await ProgramRun.OfAsync("pagerank");

        Assert.Equal(Expected(new PowerLawGraph(1, 100_000), 1_000_000, 10), run.Answer);
        Assert.True(File.Exists(run.EventLog), run.EventLog);
        Assert.Empty(run.LeftBehind);
    }

    private static IEnumerable<string> Expected(PowerLawGraph graph, int links, int iterations)
    {
        (int From, int To)[] all = [.. Enumerable.Range(0, links).Select(number => graph.Link(number))];
        int[] outgoing = new int[graph.Nodes];
        foreach ((int from, _) in all)
        {
            outgoing[from]++;
        }

        Assert.Contains(0, outgoing);
        double[] ranks = [.. Enumerable.Repeat(1.0 / graph.Nodes, graph.Nodes)];
        for (int i = 0; i < iterations; i++)
        {
            double dangling = ranks.Where((_, node) => outgoing[node] == 0).Sum();
            double[] received = new double[graph.Nodes];
            foreach ((int from, int to) in all)
            {
                received[to] += ranks[from] / outgoing[from];
            }

            ranks = [.. received.Select(sum => (1 - Damping + (Damping * dangling)) / graph.Nodes + (Damping * sum))];
        }

        return
        [
            Text($"{graph.Nodes:N0} nodes, {links:N0} links, {iterations} iterations"),
            .. ranks.Select((rank, node) => (Rank: rank, Node: node))
                .OrderByDescending(entry => entry.Rank).ThenBy(entry => entry.Node).Take(10)
                .Select(entry => Text($"{entry.Node,9}  {entry.Rank:0.000000000}")),
            "The ranks add up to 1.000000000",
        ];
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

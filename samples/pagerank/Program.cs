// PageRank (Page and Brin, 1998) on a made-up graph.
using System.Diagnostics;
using Lepton.Compute;
using Lepton.Compute.Datasets;
using Lepton.Samples;
using PageRank;

// The surfer follows a link of the page with this probability, and jumps to any page otherwise.
const double Damping = 0.85;

var flags = new Flags(args, "Ranks the pages of a made-up web by PageRank (Page and Brin, 1998).");
int nodes = flags.Number("--nodes", 100_000, "pages", from: 1);
long links = flags.Number("--links", 1_000_000L, "links between them", from: 0L);
int iterations = flags.Number("--iterations", 10, "how often ranks are dealt out along the links", from: 0);
ulong seed = flags.Number("--seed", 1UL, "another web for each");
int workers = flags.Number("--workers", 0, "worker processes; 0 is one for each processor", from: 0);
int threads = flags.Number("--threads", 0, "threads of this process instead of workers", from: 0, to: 256);
flags.Check();
var graph = new PowerLawGraph(seed, nodes);

await using LeptonSession session = await LeptonSession.LocalAsync(workers, threads);
var clock = Stopwatch.StartNew();

// The targets of each node that has any. The number of partitions is ours to choose; it must not follow from the
// number of workers, or sums of fractions would be rounded differently on another machine.
Dataset<KeyValuePair<int, int[]>> targets = session.Range(0, links, partitions: 8)
    .Select(graph.Link)
    .GroupBy(link => link.From)
    .Select(group => KeyValuePair.Create(group.Key, group.Select(link => link.To).ToArray()));

// Every node, dangling ones included: a left join keeps them, with no targets.
Dataset<Page> pages = session.Range(0, nodes, partitions: 8)
    .LeftJoin(
        targets,
        node => (int)node,
        entry => entry.Key,
        (node, entry) => new Page((int)node, entry.Value ?? [], 1.0 / nodes))
    .Cache();

for (int i = 0; i < iterations; i++)
{
    // A surfer on a page without links can only jump. Without this share the ranks would add up to less and less.
    double dangling = await pages.Where(page => page.Links.Length == 0).SumAsync(page => page.Rank);
    double jump = ((1 - Damping) + (Damping * dangling)) / nodes;

    // Each page deals its rank out to its links; what a page receives is summed before and behind the shuffle.
    Dataset<KeyValuePair<int, double>> received = pages
        .SelectMany(page => page.Links.Select(to => (To: to, Share: page.Rank / page.Links.Length)))
        .AggregateByKey(link => link.To, node => 0.0, (sum, link) => sum + link.Share, (a, b) => a + b);
    Dataset<Page> next = pages
        .LeftJoin(
            received,
            page => page.Node,
            entry => entry.Key,
            (page, entry) => page with { Rank = jump + (Damping * entry.Value) })
        .Cache();

    // An action fills the cache. Only then may the one before go.
    await next.CountAsync();
    await pages.UncacheAsync();
    pages = next;
}

Console.WriteLine($"{nodes:N0} nodes, {links:N0} links, {iterations} iterations");
foreach (Page page in await pages.OrderByDescending(page => page.Rank).ThenBy(page => page.Node).TakeAsync(10))
{
    Console.WriteLine($"{page.Node,9}  {page.Rank:0.000000000}");
}

Console.WriteLine($"The ranks add up to {await pages.SumAsync(page => page.Rank):0.000000000}");
Console.WriteLine($"Took {clock.Elapsed.TotalSeconds:0.0} s. Event log: {session.EventLogPath}");

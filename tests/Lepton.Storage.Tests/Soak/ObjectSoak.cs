using System.Collections.Concurrent;
using System.Diagnostics;
using Lepton.Simulation.Checking;
using Lepton.Storage.Blocks;
using Lepton.Storage.Tests.Processes;
using RegisterOperation = Lepton.Simulation.Checking.Operation<
    Lepton.Simulation.Checking.RegisterInput, Lepton.Simulation.Checking.RegisterOutput>;

namespace Lepton.Storage.Tests.Soak;

/// <summary>
/// Real processes under load that are killed, stopped and whose disks are changed at random: what clients saw must be
/// linearizable, what was acknowledged must be there, and all copies must come back. <c>./test.sh --soak-objects
/// MINUTES</c> runs it for as long as one likes; each round has keys of its own and is checked at its end.
/// </summary>
public sealed class ObjectSoak : IAsyncDisposable
{
    internal const int ClientCount = 6;
    internal const string ScrubWithin = "15s";
    internal static readonly string[] Nodes = ["s1", "s2", "s3"];

    private static readonly TimeSpan s_round = TimeSpan.FromSeconds(20);
    private readonly SoakSettings _settings = SoakSettings.OfEnvironment();
    private readonly SoakTally _tally = new();
    private readonly ProcessGroup _group = new() { Flags = ["--scrub-within", ScrubWithin] };

    public async ValueTask DisposeAsync() => await _group.DisposeAsync();

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Endure_NodesKilledStoppedAndCorrupted_LosesNothingAndStaysLinearizable()
    {
        await _group.StartAsync(Nodes);
        SoakContent content = new();
        SoakClient[] clients =
        [
            .. Enumerable.Range(0, ClientCount).Select(i => new SoakClient(
                i, pick => _group.S3Of(Nodes[pick % Nodes.Length]), _settings.Seed + (ulong)i, content, _tally)),
        ];
        SoakFaults faults = new(_group, Nodes, _settings.Seed + ClientCount, _tally);
        long end = After(TimeSpan.FromMinutes(_settings.Minutes));
        for (int round = 0; Stopwatch.GetTimestamp() < end && _tally.Wrong.Count == 0; round++)
        {
            await RoundAsync(round, clients, faults);
        }

        await CheckJournalAsync(clients);
        SoakReport.Write(_settings, _tally);
        Assert.Empty(_tally.Wrong);
    }

    private static long After(TimeSpan time) =>
        Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);

    private async Task RoundAsync(int round, SoakClient[] clients, SoakFaults faults)
    {
        ConcurrentDictionary<string, ConcurrentQueue<RegisterOperation>> histories = new();
        long until = After(s_round);
        Task breaking = faults.RunAsync(round, until);
        await Task.WhenAll(clients.Select(client => client.RunAsync(round, until, histories)));
        await breaking;
        await ProcessGroup.UntilAsync(
            async () => (await _group.StatusAsync()).FirstOrDefault(static node => node.State != "live") is { } other
                ? $"{other.Name} is {other.State}" : null,
            "all nodes live again when nobody disturbs them");
        foreach (string name in Nodes)
        {
            await clients[0].ReadAllAsync(_group.S3Of(name), round, histories);
        }

        foreach ((string key, ConcurrentQueue<RegisterOperation> history) in histories)
        {
            LinearizabilityReport report = LinearizabilityChecker.Check(
                new RegisterModel(), UnseenValues.Merge(history));
            _tally.Add($"histories of a key: {report.Verdict}");
            _tally.Add("operations in these histories", history.Count);
            if (report.Verdict != Verdict.Linearizable)
            {
                _tally.Fault($"{key}: {report.Verdict}. {report.Explanation}");
            }
        }

        await CheckCopiesAsync(round);
    }

    /// <summary>All blocks that objects have must come to lie, undamaged, on each node: there are as many as
    /// copies.</summary>
    private async Task CheckCopiesAsync(int round)
    {
        HashSet<BlockId> referred = await _group.ReferredBlocksAsync();
        foreach (string name in Nodes)
        {
            await _group.HealedAsync(name, referred, $"all copies are back on {name} after round {round}");
            _tally.Add("times that all blocks of a node were looked at on its disk");
            _tally.Highest("most memory of a node, MiB", _group[name].ResidentBytes >> 20);
        }

        _tally.Highest("blocks that objects have", referred.Count);
    }

    private async Task CheckJournalAsync(SoakClient[] clients)
    {
        int next = 0;
        foreach (SoakClient client in clients)
        {
            foreach ((string key, string value) in client.Journal)
            {
                string? found = await client.LookUpAsync(_group.S3Of(Nodes[next++ % Nodes.Length]), key);
                if (found != value)
                {
                    _tally.Fault($"{key} was acknowledged, and holds '{found}'.");
                }
            }
        }

        _tally.Add("acknowledged keys of the journal looked up at the end", next);
    }
}

using System.Collections.Concurrent;
using System.Diagnostics;
using Lepton.Coordination.Client;
using Lepton.Coordination.Tests.Servers;
using Lepton.Simulation.Checking;
using RegisterOperation = Lepton.Simulation.Checking.Operation<
    Lepton.Simulation.Checking.RegisterInput, Lepton.Simulation.Checking.RegisterOutput>;

namespace Lepton.Coordination.Tests.Soak;

/// <summary>
/// Real processes under load that are killed and stopped at random: what clients saw must be linearizable, what was
/// acknowledged must be there, the watch must have told all of it once, and the members must agree.
/// <c>./test.sh --soak MINUTES</c> runs it for as long as one likes; each round has keys of its own and is checked at
/// its end.
/// </summary>
[Collection("failures")]
public sealed class SoakTests : CoordinationTest
{
    internal const int ClientCount = 8;

    private static readonly TimeSpan s_round = TimeSpan.FromSeconds(20);
    private readonly SoakSettings _settings = SoakSettings.OfEnvironment();
    private readonly SoakTally _tally = new();
    private readonly List<string> _wrong = [];

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Run_MembersKilledAtRandom_LoseNothingAndStayLinearizable()
    {
        await using MemberCluster cluster = await MemberCluster.StartAsync(ServerProgram.Lepton, _settings.Members);
        using CoordinationClient observer = cluster.NewClient(new() { CallTimeout = Patience, Seed = 0 });
        Revision from = (await observer.PutAsync("begin", "")).Revision.Next;
        SoakWatch watch = new(observer, _tally);
        Task watching = watch.RunAsync(from);
        CoordinationClient[] connections =
            [.. Enumerable.Range(1, ClientCount).Select(i => cluster.NewClient(new() { Seed = (ulong)i }))];
        SoakClient[] clients =
            [.. connections.Select((client, i) => new SoakClient(i, client, _settings.Seed + (ulong)i, _tally))];
        SoakFaults faults = new(cluster, _settings.Seed + ClientCount, _tally);
        long end = After(TimeSpan.FromMinutes(_settings.Minutes));
        Revision before = from;
        for (int round = 0; Stopwatch.GetTimestamp() < end && _wrong.Count == 0; round++)
        {
            Revision after = await RoundAsync(round, cluster, observer, clients, faults);
            await CompactAsync(observer, before);
            before = after;
        }

        await Step(SoakWatch.CloseAsync(observer), "the journal is closed");
        await Step(watching, "the watch tells the end of the journal");
        List<KeyValue> journal = await observer.ScanAsync(KeyRange.Prefix(SoakWatch.Prefix)).ToListAsync();
        _wrong.AddRange(watch.Check(journal, from, journal.Max(entry => entry.ModRevision)));
        CheckJournal(clients, journal);
        _tally.Add("Raft term at the end", (await observer.GetStatusAsync()).RaftTerm);
        SoakReport.Write(_settings, _tally, _wrong);
        foreach (CoordinationClient connection in connections)
        {
            connection.Dispose();
        }

        Assert.Empty(_wrong);
    }

    private static long After(TimeSpan time) =>
        Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);

    private async Task<Revision> RoundAsync(
        int round, MemberCluster cluster, CoordinationClient observer, SoakClient[] clients, SoakFaults faults)
    {
        ConcurrentDictionary<string, ConcurrentQueue<RegisterOperation>> histories = new();
        long until = After(s_round);
        _tally.BeginWriting();
        Task killing = faults.RunAsync(until);
        await Task.WhenAll(clients.Select(client => client.RunAsync(round, until, histories)));
        await Step(killing, "the members that were killed are started again");
        await Step(cluster.ServesAsync(), "all members serve again when nobody disturbs them");
        foreach ((string key, ConcurrentQueue<RegisterOperation> history) in histories)
        {
            LinearizabilityReport report = LinearizabilityChecker.Check(new RegisterModel(), history);
            _tally.Add($"histories of a key: {report.Verdict}");
            _tally.Add("operations in these histories", history.Count);
            if (report.Verdict != Verdict.Linearizable)
            {
                _wrong.Add($"{key}: {report.Verdict}. {report.Explanation}");
            }
        }

        foreach (MemberProcess member in cluster.Members)
        {
            _tally.Highest("most resident memory of a member, MiB", member.ResidentBytes >> 20);
        }

        return await CompareMembersAsync(round, cluster, observer);
    }

    /// <summary>Reads the round's keys from each member's own state, all as of one revision.</summary>
    private async Task<Revision> CompareMembersAsync(int round, MemberCluster cluster, CoordinationClient observer)
    {
        KeyRange keys = KeyRange.Prefix($"r/{round}/");
        RangeResult agreed = await observer.RangeAsync(keys);
        for (int i = 0; i < cluster.Members.Count; i++)
        {
            using CoordinationClient client = cluster.NewClientOf(i, new() { CallTimeout = Patience });
            await client.GetAsync("so that its state is as new as the agreed one");
            RangeResult own = await client.RangeAsync(
                keys, new RangeOptions { Serializable = true, AtRevision = agreed.Revision });
            _tally.Add("states of members compared");
            if (!own.Entries.SequenceEqual(agreed.Entries))
            {
                _wrong.Add($"Round {round}: {cluster.Members[i].Name} holds another state than was agreed.");
            }
        }

        return agreed.Revision;
    }

    private static async Task CompactAsync(CoordinationClient observer, Revision revision)
    {
        try
        {
            await observer.CompactAsync(revision);
        }
        catch (CompactedException)
        {
            // An attempt whose answer was lost has done it.
            Assert.True((await observer.GetStatusAsync()).Revision >= revision);
        }
    }

    private void CheckJournal(SoakClient[] clients, List<KeyValue> journal)
    {
        HashSet<string> there = [.. journal.Select(entry => entry.Key.ToString())];
        List<string> acknowledged = [.. clients.SelectMany(client => client.Journal)];
        _tally.Add("acknowledged keys of the journal looked up at the end", acknowledged.Count);
        _wrong.AddRange(
            acknowledged.Where(key => !there.Contains(key)).Select(key => $"{key} was acknowledged and lost."));
    }
}

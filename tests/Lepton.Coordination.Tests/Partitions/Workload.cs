using System.Globalization;
using Lepton.Coordination.Client;
using Lepton.Coordination.Tests.Servers;
using Lepton.Simulation.Checking;

namespace Lepton.Coordination.Tests.Partitions;

/// <summary>
/// A client for each member, which asks that one alone, and one that asks all and keeps a ledger of what was
/// acknowledged.
/// </summary>
internal sealed class Workload : IAsyncDisposable
{
    private const int AnswersWanted = 15;
    private static readonly CoordinationClientOptions s_options = new()
    {
        CallTimeout = TimeSpan.FromSeconds(4), AttemptTimeout = TimeSpan.FromSeconds(2),
    };

    private readonly CancellationTokenSource _stop = new();
    private readonly string _ledgerPrefix;
    private readonly List<string> _ledger = [];
    private readonly CoordinationClient _ledgerClient;
    private readonly HistoryClient[] _clients;
    private readonly Task _running;
    private readonly TimeSpan _patience;

    private Workload(MemberCluster cluster, string prefix, TimeSpan patience)
    {
        _patience = patience;
        _ledgerPrefix = $"{prefix}/ledger/";
        _ledgerClient = cluster.NewClient(s_options);
        _clients =
        [
            .. Enumerable.Range(0, cluster.Members.Count)
                .Select(member => new HistoryClient(member, cluster.NewClientOf(member, s_options), prefix)),
        ];
        _running = Task.WhenAll([.. _clients.Select(client => client.RunAsync(_stop.Token)), KeepLedgerAsync()]);
    }

    /// <summary>Starts to work on keys of a name of its own.</summary>
    public static Workload Start(MemberCluster cluster, string prefix, TimeSpan patience) =>
        new(cluster, prefix, patience);

    /// <summary>Waits until each of some members has answered its client a number of times more.</summary>
    public async Task ProgressAsync(IEnumerable<int> members, string step)
    {
        List<(int Member, int Wanted)> wanted =
            [.. members.Select(member => (member, _clients[member].Answered + AnswersWanted))];
        using CancellationTokenSource limit = new(_patience);
        using PeriodicTimer pause = new(TimeSpan.FromMilliseconds(50));
        while (wanted.FindAll(one => _clients[one.Member].Answered < one.Wanted) is { Count: > 0 } late)
        {
            Assert.False(_running.IsFaulted, $"A client failed: {_running.Exception}");
            Assert.False(
                limit.IsCancellationRequested,
                $"This step did not happen: {step}. These members do not serve: " +
                string.Join(", ", late.Select(one => one.Member)));
            await pause.WaitForNextTickAsync();
        }
    }

    /// <summary>
    /// Stops all clients and checks that what they were told is linearizable and that nothing acknowledged is lost.
    /// </summary>
    public async Task StopAndCheckAsync()
    {
        await _stop.CancelAsync();
        await _running;
        RangeResult kept = await _ledgerClient.RangeAsync(KeyRange.Prefix(_ledgerPrefix));
        HashSet<string> there = [.. kept.Entries.Select(entry => entry.Key.ToString())];
        Assert.DoesNotContain(_ledger, key => !there.Contains(key));
        Assert.NotEmpty(_ledger);
        foreach (var key in _clients.SelectMany(client => client.History).GroupBy(entry => entry.Key))
        {
            LinearizabilityReport report = LinearizabilityChecker.Check(
                new RegisterModel(), UnseenValues.Merge([.. key.Select(entry => entry.Operation)]));
            Assert.True(report.Verdict == Verdict.Linearizable, $"{key.Key}: {report.Verdict}. {report.Explanation}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Array.ForEach(_clients, client => client.Dispose());
        _ledgerClient.Dispose();
        _stop.Dispose();
    }

    private async Task KeepLedgerAsync()
    {
        for (int i = 0; !_stop.IsCancellationRequested; i++)
        {
            string key = string.Create(CultureInfo.InvariantCulture, $"{_ledgerPrefix}{i:000000}");
            try
            {
                await _ledgerClient.PutAsync(key, "");
                _ledger.Add(key);
            }
            catch (CoordinationException)
            {
                // Not acknowledged; whether it is there does not matter.
                continue;
            }
        }
    }
}

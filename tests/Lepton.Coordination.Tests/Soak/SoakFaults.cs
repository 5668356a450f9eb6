using System.Diagnostics;
using Lepton.Coordination.Client;
using Lepton.Coordination.Tests.Servers;
using Lepton.Core.Randomness;

namespace Lepton.Coordination.Tests.Soak;

/// <summary>Kills (SIGKILL) and stops (SIGSTOP) members at random, and has them back soon after.</summary>
internal sealed class SoakFaults(MemberCluster cluster, ulong seed, SoakTally tally)
{
    private const int QuietMsMin = 500;
    private const int QuietMsMax = 4_000;
    private const int DownMsMax = 3_000;
    private const int StoppedMsMax = 6_000;
    private readonly SeededRandom _random = new(seed);

    private IReadOnlyList<MemberProcess> Members => cluster.Members;

    /// <summary>Goes on until the time is over, and leaves all members running.</summary>
    public async Task RunAsync(long until)
    {
        while (true)
        {
            await WaitAsync(QuietMsMin + _random.NextInt32(QuietMsMax - QuietMsMin));
            if (Stopwatch.GetTimestamp() >= until)
            {
                return;
            }

            await OnceAsync();
        }
    }

    private async Task OnceAsync()
    {
        int any = _random.NextInt32(Members.Count);
        switch (_random.NextInt32(20))
        {
            case < 7:
                await KillAsync("kill -9 of one member", [any]);
                break;
            case < 13:
                await KillAsync("kill -9 of the leader", [await LeaderAsync() ?? any]);
                break;
            case < 15:
                int majority = (Members.Count / 2) + 1;
                await KillAsync(
                    "kill -9 of a majority at once",
                    [.. Enumerable.Range(any, majority).Select(i => i % Members.Count)]);
                break;
            case < 16:
                await KillAsync("kill -9 of all members at once", [.. Enumerable.Range(0, Members.Count)]);
                break;
            default:
                tally.Add("SIGSTOP of one member");
                await Members[any].PauseAsync();
                await WaitAsync(_random.NextInt32(StoppedMsMax));
                await Members[any].ResumeAsync();
                break;
        }
    }

    private async Task KillAsync(string kind, int[] members)
    {
        tally.Add(kind);
        await Task.WhenAll(members.Select(i => Members[i].KillAsync()));
        foreach (int i in members)
        {
            await WaitAsync(_random.NextInt32(DownMsMax));
            Members[i].Start();
        }
    }

    // Faults come at their time, whatever the cluster does: no event says that the next one is due.
    private static async Task WaitAsync(int milliseconds)
    {
        using PeriodicTimer once = new(TimeSpan.FromMilliseconds(1 + milliseconds));
        await once.WaitForNextTickAsync();
    }

    private async Task<int?> LeaderAsync()
    {
        for (int i = 0; i < Members.Count; i++)
        {
            using CoordinationClient client = cluster.NewClientOf(
                i, new CoordinationClientOptions { CallTimeout = TimeSpan.FromSeconds(1) });
            try
            {
                if ((await client.GetStatusAsync()).IsLeader)
                {
                    return i;
                }
            }
            catch (CoordinationException)
            {
                // It is starting and leads nobody.
                tally.Add("a member that did not tell who leads");
            }
        }

        return null;
    }
}

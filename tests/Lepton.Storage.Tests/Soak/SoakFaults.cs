using System.Diagnostics;
using Lepton.Core.Randomness;
using Lepton.Storage.Tests.Processes;

namespace Lepton.Storage.Tests.Soak;

/// <summary>
/// Kills (SIGKILL) and stops (SIGSTOP) nodes at random, has them back soon after, and changes random bytes of the
/// blocks on the disk of one node, which is another in each round: what two nodes have both lost, nobody can bring
/// back.
/// </summary>
internal sealed class SoakFaults(ProcessGroup group, string[] names, ulong seed, SoakTally tally)
{
    private const int QuietMsMax = 3_000;
    private const int DownMsMax = 4_000;
    private const int BytesMax = 64;
    private readonly SeededRandom _random = new(seed);

    /// <summary>Goes on until the time is over, and leaves all nodes running.</summary>
    public async Task RunAsync(int round, long until)
    {
        while (true)
        {
            await WaitAsync(_random.NextInt32(QuietMsMax));
            if (Stopwatch.GetTimestamp() >= until)
            {
                return;
            }

            await OnceAsync(names[round % names.Length]);
        }
    }

    private async Task OnceAsync(string victim)
    {
        string any = names[_random.NextInt32(names.Length)];
        switch (_random.NextInt32(20))
        {
            case < 6:
                await KillAsync("kill -9 of one node", [any]);
                break;
            case < 7:
                await KillAsync("kill -9 of two nodes at once", [.. names.Where(name => name != any).Take(2)]);
                break;
            case < 8:
                await KillAsync("kill -9 of all nodes at once", names);
                break;
            case < 12:
                tally.Add("SIGSTOP of one node");
                await group[any].SignalAsync("STOP");
                await WaitAsync(_random.NextInt32(DownMsMax));
                await group[any].SignalAsync("CONT");
                break;
            default:
                Corrupt(victim);
                break;
        }
    }

    private async Task KillAsync(string kind, string[] killed)
    {
        tally.Add(kind);
        await Task.WhenAll(killed.Select(group.KillAsync));
        foreach (string name in killed)
        {
            await WaitAsync(_random.NextInt32(DownMsMax));
            await group.StartAsync(name, directory: null);
        }
    }

    private void Corrupt(string victim)
    {
        string[] segments = group.SegmentsOf(victim);
        using FileStream file = new(
            segments[_random.NextInt32(segments.Length)], FileMode.Open, FileAccess.ReadWrite,
            FileShare.ReadWrite | FileShare.Delete);
        byte[] bytes = new byte[1 + _random.NextInt32(BytesMax)];
        file.Position = (long)(_random.NextDouble() * Math.Max(0, file.Length - bytes.Length));
        long at = file.Position;
        int read = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        for (int i = 0; i < read; i++)
        {
            bytes[i] ^= (byte)(1 + _random.NextInt32(255));
        }

        file.Position = at;
        file.Write(bytes, 0, read);
        tally.Add("places on a disk whose bytes were changed");
    }

    // Faults come at their time, whatever the nodes do: no event says that the next one is due.
    private static async Task WaitAsync(int milliseconds)
    {
        using PeriodicTimer once = new(TimeSpan.FromMilliseconds(1 + milliseconds));
        await once.WaitForNextTickAsync();
    }
}

using System.Globalization;
using Lepton.Bench.Coordination;
using Lepton.Bench.Running;
using Lepton.Bench.Sides;

namespace Lepton.Bench.Suites;

/// <summary>
/// The rows of <c>bench/run.sh coordination</c>: three of our coordinators against three members of etcd, by the same
/// load generator or the same client.
/// </summary>
internal sealed class CoordinationSuite(SuitePaths paths, CoordinationPeers peers, bool isQuick) : ISuite
{
    private const double OneClientAim = 1.5;
    private const double ManyAtLeast = 1.2;
    private const double ManyAim = 2;

    // A server that has run for a while is what is compared, and ours compiles its busiest methods anew meanwhile.
    private const string WarmUpSeconds = "20";

    public string PeerVersions => peers.Versions;

    public IReadOnlyList<Work> Works() =>
    [
        Load("put1", "put", "puts of 256 bytes, one at a time", 1, 1) with
        {
            AtLeast = 1,
            Aim = OneClientAim,
            Also = [P99("put1", 1, OneClientAim)],
        },
        Load("put256", "put", "puts of 256 bytes, 256 in flight", 8, 32) with
        {
            AtLeast = ManyAtLeast,
            Aim = ManyAim,
            Also = [P99("put256", ManyAtLeast, ManyAim)],
        },
        Load("get256", "get", "linearizable reads, 256 in flight", 8, 32) with
        {
            AtLeast = ManyAtLeast,
            Aim = ManyAim,
            Also = [P99("get256", ManyAtLeast, ManyAim)],
        },
        Watch(), Lock(), Failover(), Million(),
    ];

    private Work Load(string name, string verb, string title, int connections, int inFlightEach)
    {
        (string seconds, string warmUp) = isQuick ? ("1", "1") : ("10", WarmUpSeconds);
        return Against(name, title, "/s", peers.LoadMissing,
        [
            verb, "--connections", Text(connections), "--in-flight-each", Text(inFlightEach), "--seconds", seconds,
            "--warm-up-seconds", warmUp,
        ]) with
        {
            MoreIsBetter = true,
        };
    }

    private static Figure P99(string work, double atLeast, double aim) =>
        new(LoadReport.P99, $"99th percentile of the times of {work}", "ms") { AtLeast = atLeast, Aim = aim };

    private Work Watch()
    {
        (string watchers, string puts, string warmUp) = isQuick ? ("50", "5", "1") : ("1000", "400", WarmUpSeconds);
        return Against(
            "watch1000", $"a put to the last event of {watchers} watchers of its key", "ms", peers.EtcdMissing,
            ["watch", "--watchers", watchers, "--puts", puts, "--warm-up-seconds", warmUp]) with
        {
            AtLeast = 1,
            Aim = 2,
        };
    }

    private Work Lock()
    {
        (string seconds, string warmUp) = isQuick ? ("1", "1") : ("10", WarmUpSeconds);
        return Against(
            "lock16", "lock and unlock, 16 contenders for one lock", "/s", peers.EtcdMissing,
            ["lock", "--contenders", "16", "--seconds", seconds, "--warm-up-seconds", warmUp]) with
        {
            MoreIsBetter = true,
            AtLeast = 1,
            Aim = 3,
        };
    }

    private Work Failover()
    {
        string kills = isQuick ? "2" : "10";
        return Against(
            "failover", "the leader's death to the next put, election timeout 1 s, heartbeat 100 ms", "ms",
            peers.EtcdMissing, ["failover", "--kills", kills]) with
        {
            AtLeast = 1,
            Aim = 2,
            Rounds = 5,
            Also =
            [
                new Figure(FailoverSide.Slowest, "the slowest of all these, which is the p99 of 50", "ms")
                {
                    AtLeast = 1,
                    Aim = 2,
                    IsWorst = true,
                },
            ],
        };
    }

    private Work Million()
    {
        string keys = isQuick ? "20000" : "1000000";
        return Against(
            "memory", $"resident memory of a member with {keys} keys and values of 256 bytes each", "MiB",
            peers.EtcdMissing, ["million", "--keys", keys]) with
        {
            AtLeast = 1,
            Aim = 1.5,
            Rounds = 2,
            Also = [new Figure(MillionSide.Restart, "such a member's start to its first linearizable answer", "s")],
        };
    }

    private Work Against(string name, string title, string unit, string? missing, string[] words) => new(
        name, title, unit, Side(words, ServerProgram.Ours, OurProgram, missing))
    {
        Peers = [Side(words, ServerProgram.Etcd, "etcd", missing)],
    };

    // What ./lepton starts, without its look at the sources: bench/run.sh has seen to that.
    private string OurProgram => Path.Combine(paths.Repository, "artifacts", "lepton", "Lepton.Cli.dll");

    private Side Side(string[] words, string server, string program, string? missing) => new(new Command(
        Environment.ProcessPath!,
        [
            typeof(CoordinationSuite).Assembly.Location, .. words, "--server", server, "--program", program,
            "--work-directory", paths.Work,
        ]))
    {
        Missing = missing,
    };

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

using System.Globalization;
using Lepton.Bench.Coordination;
using Lepton.Bench.Objects;
using Lepton.Bench.Running;
using Lepton.Bench.Sides;

namespace Lepton.Bench.Suites;

/// <summary>
/// The rows of <c>bench/run.sh objects</c>: a storage node with its coordinator against Swift's S3 interface, by the
/// same load, and against what loopback and the disk allow.
/// </summary>
internal sealed class ObjectSuite(SuitePaths paths, ObjectPeers peers, bool isQuick) : ISuite
{
    private const double SmallAtLeast = 1.5;
    private const double SmallAim = 4;
    private const double MemoryMaxMiB = 300;
    private const string Clients = "32";
    private const string Copies = "3";
    private const long RepairMebibytes = 32;
    private readonly string _largeMebibytes = isQuick ? "64" : "1024";

    public string PeerVersions => peers.Version ?? "no Swift";

    public IReadOnlyList<Work> Works() =>
    [
        Large("put1G", LargeObjectSide.Put, "a put"), Large("get1G", LargeObjectSide.Get, "a get"),
        Copied("put1G-r3", LargeObjectSide.Put, "a put"), Copied("get1G-r3", LargeObjectSide.Get, "a get"),
        Small("put64K", "object-put", "puts"), Small("get64K", "object-get", "gets"), Lists(), Memory(), Repair(),
    ];

    private Work Large(string name, string what, string title)
    {
        string[] words = ["large-object", "--what", what, "--mebibytes", _largeMebibytes];
        return new Work(
            name, $"{title} of {_largeMebibytes} MiB, against a bare Kestrel with a file that is flushed", "MB/s",
            Side(words, ObjectServer.Ours, OurProgram))
        {
            Peers = [Side(words, LargeObjectSide.Bare, "none")],
            MoreIsBetter = true,
            AtLeast = 0.5,
            Aim = 0.8,
        };
    }

    private Work Copied(string name, string what, string title)
    {
        string[] words =
        [
            "large-object", "--what", what, "--mebibytes", _largeMebibytes, "--nodes", Copies,
        ];
        return new Work(
            name,
            $"{title} of {_largeMebibytes} MiB with {Copies} copies on as many nodes, against a third of the bare " +
            "Kestrel",
            "MB/s", Side(words, ObjectServer.Ours, OurProgram))
        {
            Peers = [Side(words, LargeObjectSide.Bare, "none")],
            MoreIsBetter = true,
            AtLeast = 0.6,
            Aim = 0.9,
        };
    }

    private Work Repair()
    {
        long mebibytes = isQuick ? 96 : 2048;
        return new Work(
            "repair",
            FormattableString.Invariant(
                $"repair of {mebibytes} MiB after a node's loss, by two nodes of {RepairMebibytes} MiB/s each"),
            "MB/s",
            Side(
                [
                    "repair", "--mebibytes", mebibytes.ToString(CultureInfo.InvariantCulture), "--rate",
                    RepairMebibytes.ToString(CultureInfo.InvariantCulture), "--nodes", Copies,
                ],
                ObjectServer.Ours, OurProgram))
        {
            Limit = 2 * RepairMebibytes * (1 << 20) / 1e6,
            MoreIsBetter = true,
            AtLeast = 0.9,
            Rounds = 2,
        };
    }

    private Work Small(string name, string verb, string title)
    {
        string objects = isQuick ? "200" : "4000";
        return Against(
            name, $"{title} of 64 KiB by {Clients} clients, against Swift", "/s",
            [verb, "--clients", Clients, "--objects", objects]) with
        {
            MoreIsBetter = true,
            AtLeast = SmallAtLeast,
            Aim = SmallAim,
            Also =
            [
                new Figure(LoadReport.P99, $"99th percentile of the times of {name}", "ms")
                {
                    AtLeast = SmallAtLeast,
                    Aim = SmallAim,
                },
            ],
        };
    }

    private Work Lists()
    {
        int keys = isQuick ? 3_000 : 100_000;
        return Against(
            "list100K", $"list {keys.ToString("#,0", CultureInfo.InvariantCulture)} keys by prefix, against Swift", "s",
            ["list", "--keys", keys.ToString(CultureInfo.InvariantCulture)]) with
        {
            AtLeast = 1,
            Aim = 5,
            Rounds = 2,
        };
    }

    private Work Memory() => new(
        "memory", $"peak memory of a node while {Clients} clients put and get {_largeMebibytes} MiB each", "MiB",
        Side(
            [
                "store-memory", "--clients", Clients, "--mebibytes", _largeMebibytes, "--seconds", isQuick ? "2" : "30",
            ],
            ObjectServer.Ours, OurProgram))
    {
        Limit = MemoryMaxMiB,
        AtLeast = 1,
        Rounds = 2,
    };

    private Work Against(string name, string title, string unit, string[] words) => new(
        name, title, unit, Side(words, ObjectServer.Ours, OurProgram))
    {
        Peers =
        [
            Side(words, ObjectServer.Swift, Path.Combine(paths.Repository, "bench", "peers", "swift_s3.py")) with
            {
                Missing = peers.Missing,
            },
        ],
    };

    // What ./lepton starts, without its look at the sources: bench/run.sh has seen to that.
    private string OurProgram => Path.Combine(paths.Repository, "artifacts", "lepton", "Lepton.Cli.dll");

    private Side Side(string[] words, string server, string program) => new(new Command(
        Environment.ProcessPath!,
        [
            typeof(ObjectSuite).Assembly.Location, .. words, "--server", server, "--program", program,
            "--work-directory", paths.Work,
        ]));
}

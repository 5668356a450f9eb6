using System.CommandLine;
using Lepton.Cli.CommandLine;
using Lepton.Storage.Hosting;

namespace Lepton.Cli.Storage;

/// <summary>The flags by which a storage node is one of several.</summary>
internal sealed class NodeFlags
{
    private readonly Option<string?> _listen = new("--listen-blocks")
    {
        HelpName = "URL",
        Description = "Where other nodes get and put blocks; otherwise any free port of 127.0.0.1.",
    };

    private readonly Option<string?> _zone = new("--zone")
    {
        HelpName = "ZONE",
        Description = "What this node may be lost together with, such as a rack. Copies go to different zones.",
    };

    private readonly Option<double?> _weight = new("--weight")
    {
        HelpName = "NUMBER",
        Description = "This node's share of the blocks, by the others' weights; otherwise 1.",
    };

    private readonly Option<int?> _copies = new("--copies")
    {
        HelpName = "COUNT",
        Description = "How many nodes have each block, where there are so many; at a store's first start; otherwise 3.",
    };

    private readonly Option<string?> _key = new("--secret-key")
    {
        HelpName = "FILE",
        Description = "The secret.key of another node, for the first start of each node but a store's first.",
    };

    private readonly Option<int> _repairAfter = Bounded.Number(
        "--repair-after", "Seconds after which a silent node's blocks are copied elsewhere,", 300, 1, 86_400);

    private readonly Option<int> _repairRate = Bounded.Number(
        "--repair-rate", "MiB a second that this node moves at most to make missing copies,", 64, 1, 100_000);

    private readonly Option<TimeSpan> _scrubWithin = Bounded.Time(
        "--scrub-within", "Within which time all blocks of this node are read and verified again:",
        TimeSpan.FromDays(7), TimeSpan.FromSeconds(1), TimeSpan.FromDays(365));

    private readonly Option<int> _cacheMemory = Bounded.Number(
        "--cache-memory", "MiB of blocks that only other nodes have and were read here, kept in memory,", 64, 0,
        1_000_000);

    private readonly Option<int> _cacheDisk = Bounded.Number(
        "--cache-disk", "MiB of such blocks kept on this node's disk,", 1024, 0, 1_000_000_000);

    /// <summary>Gives a command these flags.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_listen);
        command.Options.Add(_zone);
        command.Options.Add(_weight);
        command.Options.Add(_copies);
        command.Options.Add(_key);
        command.Options.Add(_repairAfter);
        command.Options.Add(_repairRate);
        command.Options.Add(_scrubWithin);
        command.Options.Add(_cacheMemory);
        command.Options.Add(_cacheDisk);
    }

    /// <summary>Adds what was given.</summary>
    public StorageOptions Read(ParseResult result, StorageOptions options) => options with
    {
        ListenBlocks = result.GetValue(_listen) ?? options.ListenBlocks,
        Zone = result.GetValue(_zone),
        Weight = result.GetValue(_weight),
        Copies = result.GetValue(_copies),
        SecretKeyFile = result.GetValue(_key),
        RepairAfter = TimeSpan.FromSeconds(result.GetValue(_repairAfter)),
        RepairBytesPerSecond = result.GetValue(_repairRate) * 1024L * 1024,
        ScrubWithin = result.GetValue(_scrubWithin),
        CacheMemoryBytes = result.GetValue(_cacheMemory) * 1024L * 1024,
        CacheDiskBytes = result.GetValue(_cacheDisk) * 1024L * 1024,
    };
}

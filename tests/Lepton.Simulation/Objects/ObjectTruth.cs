using Lepton.Coordination.Client;
using Lepton.Simulation.World;
using Lepton.Storage.Blocks;
using Lepton.Storage.Cluster;
using Lepton.Storage.Metadata;

namespace Lepton.Simulation.Objects;

/// <summary>What the store has promised, held against what its disks hold.</summary>
internal sealed class ObjectTruth(ObjectCluster cluster)
{
    /// <summary>
    /// Sees that each block that the metadata refers to is whole on a disk that nothing has damaged: in the hands of
    /// the process there, or, where none runs, so that a start will find it.
    /// </summary>
    /// <exception cref="SafetyViolationException">One is not.</exception>
    public void DemandNothingLost()
    {
        foreach ((BlockId id, string owner) in NeededBeside(null))
        {
            throw new SafetyViolationException(
                $"durability: no copy of the block {id} of {owner} is left but on disks that were damaged. " +
                Describe(id));
        }
    }

    /// <summary>Whether nothing would be lost with a node.</summary>
    public bool IsSpare(ObjectNode spare) => NeededBeside(spare).Count == 0;

    /// <summary>Which copies are missing where they belong, which are where they do not, and what nothing refers to.
    /// </summary>
    public List<string> Unsettled()
    {
        List<string> all = [];
        Dictionary<BlockId, string> needed = Needed();
        ClusterLayout layout = cluster.Metadata.View.Layout;
        all.AddRange(cluster.Nodes.Where(static node => node is { IsOut: true, IsRemoved: false })
            .Select(static node => $"{node.Name} was removed and has not learned of it"));
        foreach (ObjectNode node in cluster.Nodes.Where(static node => !node.IsOut))
        {
            if (node is not { IsServing: true, Process: { } process })
            {
                all.Add($"{node.Name} does not serve");
                continue;
            }

            Func<BlockId, bool> holds = Holding(node);
            all.AddRange(needed.Where(one => layout.TargetsOf(one.Key).Contains(node.Id) && !holds(one.Key))
                .Select(one => $"{node.Name} lacks {one.Key} of {one.Value}"));
            all.AddRange(process.Blocks.Ids().Where(id => !needed.ContainsKey(id))
                .Select(id => $"{node.Name} has the orphan {id}"));
            all.AddRange(process.Blocks.Ids()
                .Where(id => needed.ContainsKey(id) && !layout.TargetsOf(id).Contains(node.Id))
                .Select(id => $"{node.Name} has {id}, which belongs elsewhere"));
            if (process.Local.Pins.Count > 0)
            {
                all.Add($"{node.Name} holds blocks for {process.Local.Pins.Count} uploads");
            }
        }

        return all;
    }

    /// <summary>Where a block is, and where not.</summary>
    private string Describe(BlockId id) => string.Join("; ", cluster.Nodes.Select(node =>
    {
        string state = (node.IsDamageable ? " (damageable)" : "") + (node.IsOut ? " (removed)" : "")
            + (node.Process is null ? " (down)" : "");
        string has = Holding(node)(id) ? "has it"
            : DiskReading.Blocks(node.Disk).ContainsKey(id) ? "has let go of it" : "lacks it";
        return $"{node.Name}{state} {has}";
    }));

    private static Func<BlockId, bool> Holding(ObjectNode node)
    {
        if (node.Process is { } process)
        {
            return id => DiskReading.Block(node.Disk, process.Blocks, id) is not null;
        }

        Dictionary<BlockId, byte[]> there = DiskReading.Blocks(node.Disk);
        return there.ContainsKey;
    }

    /// <summary>What is needed and is on no disk that nothing has damaged but one node's.</summary>
    private Dictionary<BlockId, string> NeededBeside(ObjectNode? spare)
    {
        Dictionary<BlockId, string> needed = Needed();
        foreach (ObjectNode node in cluster.Nodes.Where(
            node => node is { IsDamageable: false, IsOut: false } && node != spare))
        {
            foreach (BlockId id in needed.Keys.Where(Holding(node)).ToList())
            {
                needed.Remove(id);
            }
        }

        return needed;
    }

    /// <summary>All blocks that the metadata refers to, and by what.</summary>
    private Dictionary<BlockId, string> Needed()
    {
        Dictionary<BlockId, string> needed = [];
        foreach (MetadataEntry entry in All(MetadataKeys.AllObjects))
        {
            Add(needed, entry, RecordJson.Read(entry, RecordJson.Default.ObjectRecord).Content);
        }

        foreach (MetadataEntry entry in All(MetadataKeys.AllParts))
        {
            Add(needed, entry, RecordJson.Read(entry, RecordJson.Default.PartRecord).Content);
        }

        return needed;
    }

    private IReadOnlyList<MetadataEntry> All(KeyRange keys) =>
        cluster.Metadata.Range(keys, 0, Revision.None)!.Entries;

    private void Add(Dictionary<BlockId, string> needed, MetadataEntry entry, ContentRecord content)
    {
        string owner = entry.Key.ToString();
        foreach (BlockRef block in content.Refs)
        {
            needed[block.Id] = owner;
            if (content.IsManifest)
            {
                foreach (BlockRef data in BlockList.Unpack(Content(block.Id, owner)))
                {
                    needed[data.Id] = owner;
                }
            }
        }
    }

    private byte[] Content(BlockId id, string owner)
    {
        foreach (ObjectNode node in cluster.Nodes)
        {
            if (node.Process is { } process
                ? DiskReading.Block(node.Disk, process.Blocks, id) is { } block
                : DiskReading.Blocks(node.Disk).TryGetValue(id, out block))
            {
                return block;
            }
        }

        throw new SafetyViolationException(
            $"durability: no disk has the block {id}, which lists the blocks of {owner}. {Describe(id)}");
    }
}

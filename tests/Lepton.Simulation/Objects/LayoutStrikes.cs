using Lepton.Coordination.Client;
using Lepton.Core.Randomness;
using Lepton.Storage.Cluster;
using Lepton.Storage.Metadata;

namespace Lepton.Simulation.Objects;

/// <summary>What operators do in the middle of it all: nodes join, drain, leave, are lost, and get other weights. They
/// never leave fewer nodes than there are copies.</summary>
internal sealed class LayoutStrikes(ObjectCluster cluster, SeededRandom random)
{
    private const int JoinedMax = 3;

    /// <summary>
    /// How long a drained node stays at least: whoever still places blocks by an older layout has learned of it by
    /// then.
    /// </summary>
    private const long DrainedUsMin = 200_000_000;

    private readonly Dictionary<ObjectNode, long> _drainedAtUs = [];
    private int _joined;

    private ClusterLayout Layout => cluster.Metadata.View.Layout;

    public void Join()
    {
        if (_joined < JoinedMax)
        {
            _joined++;
            cluster.Faults.Hit(ObjectFault.NodeJoined);
            ObjectNode node = cluster.AddNode(isDamageable: false);
            cluster.Note($"{node.Name} joins");
        }
    }

    public void Drain()
    {
        if (Layout.Active.Count > cluster.Scenario.CopiesAtFirst
            && Change(static node => !node.IsDraining, static record => record with { IsDraining = true }) is { } node)
        {
            _drainedAtUs[node] = cluster.Events.NowUs;
            cluster.Faults.Hit(ObjectFault.NodeDrained);
            cluster.Note($"{node.Name} is drained");
        }
    }

    public void Undrain()
    {
        if (Change(static node => node.IsDraining, static record => record with { IsDraining = false }) is { } node)
        {
            _drainedAtUs.Remove(node);
            cluster.Faults.Hit(ObjectFault.NodeUndrained);
            cluster.Note($"{node.Name} is drained no more");
        }
    }

    public void Reweigh()
    {
        double weight = 0.25 + random.NextInt32(16) / 4.0;
        if (Change(static _ => true, record => record with { Weight = weight }) is { } node)
        {
            cluster.Faults.Hit(ObjectFault.WeightChanged);
            cluster.Note($"{node.Name} weighs {weight}");
        }
    }

    /// <summary>Removes a node that was drained, and whose blocks are elsewhere.</summary>
    public void RemoveDrained()
    {
        ObjectNode? node = _drainedAtUs.Keys.FirstOrDefault(node => !node.IsOut
            && cluster.Events.NowUs - _drainedAtUs[node] > DrainedUsMin
            && cluster.Nodes.All(other => other.Process is null
                || !other.Process.Membership.View.Layout.Active.Any(one => one.Id == node.Id))
            && cluster.Truth.IsSpare(node));
        if (node is not null && Remove(node))
        {
            cluster.Faults.Hit(ObjectFault.NodeRemoved);
            cluster.Note($"{node.Name} is removed");
        }
    }

    /// <summary>A disk is lost with all that is on it; another machine joins in its place.</summary>
    public void LoseDisk()
    {
        ObjectNode? node = cluster.Nodes.FirstOrDefault(static node => node is { IsDamageable: true, IsOut: false });
        if (node is not null && Remove(node))
        {
            node.LosePower();
            node.Remove();
            cluster.Faults.Hit(ObjectFault.DiskLost);
            cluster.AddNode(isDamageable: false);
        }
    }

    private bool Remove(ObjectNode node)
    {
        if (cluster.Metadata.Range(MetadataKeys.Node(node.Name), 0, Revision.None)!.Entries is not [var entry])
        {
            return false;
        }

        MetadataTxn txn = new MetadataTxn().IfUnchanged(entry).Delete(entry.Key)
            .Put(MetadataKeys.RemovedNode(node.Id), entry.Value.ToArray());
        node.IsOut = cluster.Metadata.Commit(txn) is not null;
        return node.IsOut;
    }

    /// <summary>Changes the record of any node of a kind.</summary>
    private ObjectNode? Change(Func<ClusterNode, bool> isMeant, Func<NodeRecord, NodeRecord> change)
    {
        ClusterNode[] meant = [.. Layout.Nodes.Where(isMeant)];
        if (meant.Length == 0)
        {
            return null;
        }

        ClusterNode node = meant[random.NextInt32(meant.Length)];
        MetadataEntry entry = cluster.Metadata.Range(MetadataKeys.Node(node.Name), 0, Revision.None)!.Entries[0];
        NodeRecord record = change(RecordJson.Read(entry, RecordJson.Default.NodeRecord));
        cluster.Metadata.Commit(new MetadataTxn().IfUnchanged(entry).Put(
            entry.Key, RecordJson.Write(record, RecordJson.Default.NodeRecord)));
        return cluster.NodeOf(node.Id);
    }
}

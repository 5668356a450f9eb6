using Google.Protobuf;
using Lepton.Coordination.Protocol;
using Lepton.Core.Randomness;

namespace Lepton.Simulation.World;

/// <summary>
/// Replaces nodes by a version that reads a newer format of commands, half of them at a time, and back, as operators
/// do. Once all have it, the cluster is told so, and no node goes back any more.
/// </summary>
internal sealed class FormatUpgrade(SimulatedCluster cluster, SeededRandom random)
{
    /// <summary>The newer format.</summary>
    public const uint Next = 2;

    private bool _isRaised;

    /// <summary>Has a part of the nodes start again with the newer version, or with the older one.</summary>
    /// <param name="restartLater">Starts a node after a while.</param>
    public void ReplaceHalf(Action<SimulatedNode> restartLater)
    {
        if (!cluster.Scenario.Upgrades || _isRaised)
        {
            return;
        }

        bool isBack = random.NextInt32(4) == 0;
        foreach (SimulatedNode node in cluster.Nodes.Where(_ => random.NextInt32(2) == 0))
        {
            node.Kill();
            node.FormatMax = isBack ? Next - 1 : Next;
            restartLater(node);
        }

        if (cluster.Nodes.Any(node => node.FormatMax == Next))
        {
            cluster.Faults.Hit(Fault.HalfOnNewFormat);
        }

        Raise();
    }

    /// <summary>Has all nodes that are still old start again with the newer version.</summary>
    public void Finish()
    {
        if (cluster.Scenario.Upgrades)
        {
            foreach (SimulatedNode node in cluster.Nodes.Where(node => node.FormatMax < Next))
            {
                node.Kill();
                node.FormatMax = Next;
            }
        }
    }

    /// <summary>Tells the cluster that all its nodes read the newer format, if they do.</summary>
    public void Raise()
    {
        if (cluster.Scenario.Upgrades && cluster.Nodes.All(node => node.FormatMax == Next))
        {
            _isRaised = true;
            Command command = new() { ClusterVersion = new ClusterVersion { Format = Next } };
            CallbackRequest<object?> request = new(static _ => { }, static _ => { });
            cluster.Leader()?.Do(raft => raft.Propose(command.ToByteArray(), request));
        }
    }
}

namespace Lepton.Training.Launch;

/// <summary>Who trains together until one of them fails, leaves, or another one joins.</summary>
/// <param name="Number">Counts rounds from 0; what ranks get as their restart count.</param>
/// <param name="Nodes">In the order of their ranks. The first serves the store that all ranks meet at.</param>
/// <param name="Restarts">How many rounds began because a rank had failed.</param>
/// <param name="Hangs">How many of them because a rank was taken to hang.</param>
internal sealed record Round(int Number, IReadOnlyList<RoundNode> Nodes, int Restarts = 0, int Hangs = 0)
{
    /// <summary>Why the round before was over; null for the first.</summary>
    public string? Why { get; init; }

    /// <summary>The failure that the round before was over for, or this one where it is given up.</summary>
    public RoundCause? Cause { get; init; }

    /// <summary>Whether all ranks are done, or it is given up.</summary>
    public RoundState State { get; init; }

    /// <summary>All ranks.</summary>
    public int WorldSize => Nodes.Sum(static node => node.Processes);

    /// <summary>The place of a launcher; -1 where it does not take part.</summary>
    public int NodeRankOf(string id)
    {
        for (int place = 0; place < Nodes.Count; place++)
        {
            if (Nodes[place].Id == id)
            {
                return place;
            }
        }

        return -1;
    }

    /// <summary>The machine of a rank.</summary>
    public string HostOf(int rank)
    {
        int first = 0;
        return Nodes.First(node => rank < (first += node.Processes)).Host;
    }

    /// <summary>The first rank of the launcher at a place.</summary>
    public int FirstRankOf(int nodeRank) => Nodes.Take(nodeRank).Sum(static node => node.Processes);
}

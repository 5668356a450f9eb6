using Lepton.Torch.Distributed;
using Lepton.Training.Ranks;

namespace Lepton.Training.Launch;

/// <summary>
/// Who waits for whom, by how far ranks have come in their groups: also where they do different things by right, as
/// within a step of a mesh.
/// </summary>
/// <remarks>
/// A receive waits for its sender, a send for its receiver, and a collective for the ranks of the group that have begun
/// fewer. What a reducer waits for within backward is not seen: a rank that waits in none of its groups is taken to
/// wait for those that have begun fewer collectives than it has.
/// </remarks>
internal sealed class WaitGraph
{
    private readonly List<Wait> _waits = [];

    private WaitGraph()
    {
    }

    /// <summary>Looks at who waits. O(ranks² × groups of a rank).</summary>
    /// <param name="running">Those that may wait.</param>
    /// <param name="all">These, and those that have ended: for them others may wait too.</param>
    public static WaitGraph Of(IReadOnlyList<RankState> running, IReadOnlyList<RankState> all)
    {
        var graph = new WaitGraph();
        foreach (RankState rank in running)
        {
            GroupState[] waiting = [.. rank.Groups.Where(static group => IsWaiting(group))];
            foreach (GroupState group in waiting.Length > 0 ? waiting : rank.Groups)
            {
                graph._waits.AddRange(all
                    .Where(other => other.Rank != rank.Rank && IsAwaited(other, group))
                    .Select(other => new Wait(rank.Rank, other.Rank, group.Name)));
            }
        }

        return graph;
    }

    /// <summary>Whether a rank waits for another.</summary>
    public bool Waits(int rank) => _waits.Exists(wait => wait.Waiter == rank);

    /// <summary>A wait for a rank; null where nobody waits for it.</summary>
    public Wait? WaitFor(int rank) => _waits.Find(wait => wait.Awaited == rank);

    private static bool IsWaiting(GroupState group) => group.Progress.Awaited != GroupProgress.Nobody;

    private static bool IsAwaited(RankState other, GroupState group) =>
        other.Groups.FirstOrDefault(its => its.Name == group.Name) is { } its
        && (group.Progress.Awaited >= 0
            ? its.Rank == group.Progress.Awaited
            : its.Progress.Begun < group.Progress.Begun);

    /// <summary>One rank waits for another.</summary>
    /// <param name="Waiter">The one.</param>
    /// <param name="Awaited">The other.</param>
    /// <param name="Group">The group in which it does.</param>
    public sealed record Wait(int Waiter, int Awaited, string Group);
}

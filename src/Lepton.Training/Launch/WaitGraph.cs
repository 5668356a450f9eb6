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
    private readonly HashSet<int> _waiters = [];
    private readonly Dictionary<int, Wait> _waits = [];

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
            GroupState[] told = [.. rank.Groups.Where(static group => IsWaiting(group))];
            if (told.Length > 0)
            {
                // Also where nobody can be named for it, as while data still move.
                graph._waiters.Add(rank.Rank);
            }

            foreach (GroupState group in told.Length > 0 ? told : rank.Groups)
            {
                foreach (RankState other in all.Where(other => other.Rank != rank.Rank && IsAwaited(other, group)))
                {
                    graph._waiters.Add(rank.Rank);
                    graph._waits.TryAdd(other.Rank, new Wait(rank.Rank, group.Name, told.Length > 0));
                }
            }
        }

        return graph;
    }

    /// <summary>Whether a rank waits. O(1).</summary>
    public bool Waits(int rank) => _waiters.Contains(rank);

    /// <summary>A wait for a rank; null where nobody waits for it. O(1).</summary>
    public Wait? WaitFor(int rank) => _waits.GetValueOrDefault(rank);

    private static bool IsWaiting(GroupState group) => group.Progress.Awaited != GroupProgress.Nobody;

    private static bool IsAwaited(RankState other, GroupState group) =>
        other.Groups.FirstOrDefault(its => its.Name == group.Name) is { } its && group.Progress.Awaited switch
        {
            GroupProgress.Anybody => false,
            GroupProgress.Everybody or GroupProgress.Nobody => its.Progress.Begun < group.Progress.Begun,
            int peer => its.Rank == peer,
        };

    /// <summary>That a rank waits for another.</summary>
    /// <param name="Waiter">The rank that waits.</param>
    /// <param name="Group">The group in which it does.</param>
    /// <param name="IsTold">Whether it says so; else it is only ahead, as a rank is that waits within backward.</param>
    public sealed record Wait(int Waiter, string Group, bool IsTold);
}

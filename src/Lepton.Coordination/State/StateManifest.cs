using System.Collections.Immutable;
using Lepton.Coordination.Protocol;
using Lepton.Raft;

namespace Lepton.Coordination.State;

/// <summary>All of the state but keys and leases' keys. Immutable, so that capturing it is taking a reference.</summary>
/// <param name="Applied">The last entry of the log that is in the state.</param>
/// <param name="AppliedTerm">Its term, where it was a command.</param>
internal sealed record StateManifest(LogIndex Applied, Term AppliedTerm)
{
    /// <summary>The newest format of commands that every node can read: those of a newer one are never in this node's log.</summary>
    public const uint CommandFormatMax = 1;

    /// <summary>Nothing applied yet.</summary>
    public static StateManifest Empty { get; } = new(LogIndex.Zero, Term.Zero);

    /// <summary>The alarms that are on, by member and kind.</summary>
    public ImmutableSortedSet<(ulong Member, AlarmType Kind)> Alarms { get; init; } = [];

    /// <summary>Where clients reach the members, by member.</summary>
    public ImmutableSortedDictionary<ulong, ImmutableArray<string>> ClientUrls { get; init; } =
        ImmutableSortedDictionary<ulong, ImmutableArray<string>>.Empty;

    /// <summary>The format of commands that the cluster has agreed on.</summary>
    public uint CommandFormat { get; init; } = 1;

    /// <summary>Whether an alarm of a kind is on, for any member.</summary>
    public bool IsOn(AlarmType kind)
    {
        foreach (var alarm in Alarms)
        {
            if (alarm.Kind == kind)
            {
                return true;
            }
        }

        return false;
    }
}

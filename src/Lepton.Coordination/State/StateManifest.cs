using System.Collections.Immutable;
using Lepton.Coordination.Protocol;

namespace Lepton.Coordination.State;

/// <summary>All of the state but keys and leases' keys. Immutable, so that capturing it is taking a
/// reference.</summary>
internal sealed record StateManifest
{
    /// <summary>The newest format of commands that every node can read: those of a newer one are never in this node's
    /// log.</summary>
    public const uint CommandFormatMax = 1;

    /// <summary>Nothing yet.</summary>
    public static StateManifest Empty { get; } = new();

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

using Lepton.Raft.Core;

namespace Lepton.Raft.Hosting;

/// <summary>What a node is made with, beside its core's options.</summary>
public sealed record RaftNodeOptions
{
    /// <summary>The core's.</summary>
    public required RaftOptions Core { get; init; }

    /// <summary>
    /// A snapshot is taken when this many bytes of entries were applied since the last one, or as many as that one has,
    /// whichever is more: so at most as much is written for snapshots as for the log. 64 MiB by default.
    /// </summary>
    public long SnapshotEveryBytesMin { get; init; } = 64L << 20;

    /// <summary>Entries before a snapshot that the log keeps, for followers that lag a little. 10,000 by
    /// default.</summary>
    public long TrailingEntries { get; init; } = 10_000;

    /// <summary>How long a proposal, read or change of membership may take, in ticks. 70 by default.</summary>
    public int RequestTicksMax { get; init; } = 70;

    /// <summary>Proposals under way; beyond, they are refused. 20,000 by default.</summary>
    public int ProposalsMax { get; init; } = 20_000;

    /// <summary>Bytes of proposals under way, but for a single larger one; beyond, they are refused. 64 MiB by
    /// default.</summary>
    public long ProposalBytesMax { get; init; } = 64L << 20;

    /// <summary>While the disk is full, how often the node looks whether there is room again, in ticks. 10 by
    /// default.</summary>
    public int DiskFullRetryTicks { get; init; } = 10;

    /// <summary>All that is wrong with these options, the core's included; empty where nothing is.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> faults = [.. Core.Validate()];
        void Demand(long value, long least, string name)
        {
            if (value < least)
            {
                faults.Add($"{name} is {value}: it must be {least} or more.");
            }
        }

        Demand(SnapshotEveryBytesMin, 1, nameof(SnapshotEveryBytesMin));
        Demand(TrailingEntries, 0, nameof(TrailingEntries));
        Demand(RequestTicksMax, 1, nameof(RequestTicksMax));
        Demand(ProposalsMax, 1, nameof(ProposalsMax));
        Demand(ProposalBytesMax, 1, nameof(ProposalBytesMax));
        Demand(DiskFullRetryTicks, 1, nameof(DiskFullRetryTicks));
        return faults;
    }
}

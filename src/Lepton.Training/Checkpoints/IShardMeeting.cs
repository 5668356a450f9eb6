namespace Lepton.Training.Checkpoints;

/// <summary>How rank 0 learns that all ranks have written their shards.</summary>
internal interface IShardMeeting : IDisposable
{
    /// <summary>Says that this rank's shard of a checkpoint is on the disk, or why it is not.</summary>
    void Announce(long step, string text);

    /// <summary>What all ranks said, in their order; waits for them. Rank 0 alone.</summary>
    IReadOnlyList<string> Gather(long step);
}

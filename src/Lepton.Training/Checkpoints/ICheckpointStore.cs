using Lepton.Torch;

namespace Lepton.Training.Checkpoints;

/// <summary>
/// Where the checkpoints of a run are: a folder, or a place in an object store. One appears at once when all of it is
/// there, so that whatever is killed at whatever moment leaves the ones before.
/// </summary>
internal interface ICheckpointStore
{
    /// <summary>As messages name it.</summary>
    string Name { get; }

    /// <summary>What to look at where it can't be written.</summary>
    string Advice { get; }

    /// <summary>The steps of the finished checkpoints, the newest first.</summary>
    IReadOnlyList<long> Steps { get; }

    /// <summary>A checkpoint, as messages name it.</summary>
    string NameOf(long step);

    /// <summary>Deletes what a killed run did not finish. Rank 0 alone, before the others write.</summary>
    void Clean();

    /// <summary>Writes a shard of a checkpoint that is not finished; it is durable when this returns.</summary>
    /// <exception cref="IOException">It can't be.</exception>
    ShardRecord WriteShard(long step, string name, IReadOnlyDictionary<string, Tensor> tensors);

    /// <summary>Finishes a checkpoint whose shards are all there.</summary>
    /// <exception cref="IOException">It can't be; there is none of this step then.</exception>
    void Finish(CheckpointManifest manifest);

    /// <summary>Deletes what is beyond those that are kept, up to one that was finished.</summary>
    /// <exception cref="IOException">Some could not be deleted; all that are finished are whole.</exception>
    void Trim(long finished, int kept);

    /// <summary>Reads a checkpoint's manifest and compares all checksums.</summary>
    /// <exception cref="CheckpointException">It is damaged; the message names the file and what is wrong.</exception>
    OpenedCheckpoint Open(long step);
}

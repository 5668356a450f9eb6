using Lepton.Torch;

namespace Lepton.Training.Checkpoints;

/// <summary>
/// How ranks wait for each other where checkpoints are written and read, which may take longer than a collective may.
/// </summary>
internal interface ICheckpointMeeting : IDisposable
{
    /// <summary>Says that this rank's shard of a checkpoint is on the disk, or why it is not.</summary>
    void Announce(long step, string text);

    /// <summary>What all ranks said, in their order; waits for them. Rank 0 alone.</summary>
    IReadOnlyList<string> Gather(long step);

    /// <summary>What one rank finds out, and others wait for. All ranks call it, and the next, in one order.</summary>
    /// <param name="whose">Those who are told: all who give the same word.</param>
    /// <param name="isFinder">Whether it is this rank.</param>
    /// <param name="find">Finds it out; called on that rank alone.</param>
    /// <exception cref="CollectiveException">It could not; that rank throws what it failed of itself.</exception>
    string Learn(string whose, bool isFinder, Func<string> find);

    /// <summary>Does something, and returns when all ranks have done it.</summary>
    /// <exception cref="CollectiveException">Another could not; it throws what it failed of itself.</exception>
    void Together(Action act);
}

namespace Lepton.Storage.Replication;

/// <summary>How far a pass over the blocks is for which a node is responsible.</summary>
/// <param name="Blocks">How many these are.</param>
/// <param name="BlocksDone">How many were looked at.</param>
/// <param name="CopiesMissing">How many copies of these were missing.</param>
/// <param name="CopiesMade">How many of those were made.</param>
/// <param name="Bytes">How many bytes were moved.</param>
/// <param name="TimeLeft">How long the rest takes at the same pace.</param>
/// <param name="IsBraked">Whether nothing is moved, as too many nodes vanished at once.</param>
internal sealed record RepairProgress(
    long Blocks, long BlocksDone, long CopiesMissing, long CopiesMade, long Bytes, TimeSpan TimeLeft, bool IsBraked)
{
    public static RepairProgress None { get; } = new(0, 0, 0, 0, 0, TimeSpan.Zero, IsBraked: false);
}

namespace Lepton.Training.Launch;

/// <summary>What was found out about a rank.</summary>
/// <param name="Rank">Whose fault it is, as far as it can be told.</param>
/// <param name="IsFatal">Whether all start again for it.</param>
/// <param name="Key">What it is, so that it is told once.</param>
/// <param name="Text">In words, with rank, host, collective, number and shapes.</param>
/// <param name="IsHung">Whether it may only be slow, so that it gets more patience the next time.</param>
internal sealed record RankFinding(int Rank, bool IsFatal, string Key, string Text, bool IsHung = false)
{
    /// <summary>Whether it does nothing any more, so that it can only be killed.</summary>
    public bool IsStuck { get; init; }
}

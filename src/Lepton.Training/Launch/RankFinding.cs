namespace Lepton.Training.Launch;

/// <summary>What was found out about a rank.</summary>
/// <param name="Rank">Whose fault it is, as far as it can be told.</param>
/// <param name="IsFatal">Whether it can't go on.</param>
/// <param name="Key">What it is, so that it is told once.</param>
/// <param name="Text">In words, with rank, host, collective, number and shapes.</param>
internal sealed record RankFinding(int Rank, bool IsFatal, string Key, string Text);

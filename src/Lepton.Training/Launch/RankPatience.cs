namespace Lepton.Training.Launch;

/// <summary>How long ranks may hold each other up.</summary>
/// <param name="StallTime">After how long a rank is named.</param>
/// <param name="EndsHung">
/// Whether one that others wait for is ended for it; else it is only named, and the group's timeout ends it.
/// </param>
/// <param name="HangsBefore">
/// How often that was done in this training: each doubles the time, as the rank may only have been slow.
/// </param>
internal sealed record RankPatience(TimeSpan StallTime, bool EndsHung = false, int HangsBefore = 0)
{
    // From one collective to the next a rank may take so many times what it usually takes.
    private const double UsualTimes = 20;

    // One that pauses in a fast training costs the others less than a restart does.
    private const double PauseTimes = 3;

    // While it is not known what is usual: data are read and kernels are compiled then.
    private const double UnknownTimes = 10;
    private const int DoublingsMax = 10;

    // Ranks may read their data before they meet, and between meeting and their first step.
    private static readonly TimeSpan s_startTimeMax = TimeSpan.FromMinutes(5);

    /// <summary>The time that a rank gets that has come no further than joining the group, or not that far.</summary>
    /// <param name="asked">What it asked for.</param>
    public TimeSpan OfStart(TimeSpan asked) => new[] { Of(null, asked), s_startTimeMax * Doubled }.Max();

    /// <summary>The time that a rank gets.</summary>
    /// <param name="usual">What it usually takes; null where that is not known yet.</param>
    /// <param name="asked">What it asked for.</param>
    public TimeSpan Of(TimeSpan? usual, TimeSpan asked)
    {
        TimeSpan known = usual is { } time ? time * UsualTimes : StallTime * UnknownTimes;
        return new[] { StallTime * PauseTimes * Doubled, known * Doubled, asked }.Max();
    }

    private double Doubled => Math.Pow(2, Math.Min(HangsBefore, DoublingsMax));
}

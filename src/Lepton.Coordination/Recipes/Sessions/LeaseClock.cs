namespace Lepton.Coordination.Recipes.Sessions;

/// <summary>
/// Until when a lease can be relied on, and when to keep it alive. Pure: times are what has passed since the session
/// began, by a clock that never goes back.
/// </summary>
/// <remarks>
/// The servers give a lease its full time when a keep-alive arrives; this side counts from when it was sent, which is
/// earlier. So this side gives up first, as long as its clock is not slower than theirs by more than the margin.
/// </remarks>
internal sealed class LeaseClock
{
    private const int BeatsPerTtl = 3;
    private static readonly TimeSpan s_marginMax = TimeSpan.FromSeconds(1);

    /// <summary>Starts with a grant that was asked for at <paramref name="sentAt"/>.</summary>
    public LeaseClock(TimeSpan sentAt, TimeSpan ttl)
    {
        Ttl = ttl;
        Deadline = DeadlineOf(sentAt, ttl);
    }

    /// <summary>What the servers give it at each keep-alive.</summary>
    public TimeSpan Ttl { get; private set; }

    /// <summary>From then on it counts as lost.</summary>
    public TimeSpan Deadline { get; private set; }

    /// <summary>The pause between keep-alives, and the time that one may take.</summary>
    public TimeSpan BeatInterval => Ttl / BeatsPerTtl;

    /// <summary>A keep-alive that was sent at <paramref name="sentAt"/> was answered.</summary>
    public void Confirmed(TimeSpan sentAt, TimeSpan ttl)
    {
        // Answers may come out of order; none makes the deadline earlier.
        TimeSpan deadline = DeadlineOf(sentAt, ttl);
        if (deadline > Deadline)
        {
            Deadline = deadline;
            Ttl = ttl;
        }
    }

    /// <summary>Whether it counts as lost.</summary>
    public bool IsOver(TimeSpan now) => now >= Deadline;

    /// <summary>How long to wait for the next keep-alive; sooner where the last one failed.</summary>
    public TimeSpan PauseBeforeBeat(bool lastFailed) => lastFailed ? BeatInterval / 5 : BeatInterval;

    /// <summary>How long a keep-alive that begins now may take.</summary>
    public TimeSpan TimeForBeat(TimeSpan now) => Min(BeatInterval, Deadline - now);

    private static TimeSpan DeadlineOf(TimeSpan sentAt, TimeSpan ttl) => sentAt + ttl - Min(ttl / 10, s_marginMax);

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}

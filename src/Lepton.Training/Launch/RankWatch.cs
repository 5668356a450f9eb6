using System.Globalization;
using Lepton.Training.Ranks;

namespace Lepton.Training.Launch;

/// <summary>
/// Finds out from what ranks say of themselves who holds the others up: who is silent, who is awaited by the others,
/// and who began something else than they did. Pure: states and a time in, findings out.
/// </summary>
/// <remarks>
/// <para><b>Mismatched</b> is a rank that began as many collectives as another, and another one, or with other shapes:
/// known at the first look.</para>
/// <para><b>Silent</b> is a rank whose reports, which come from a thread of their own four times a second, stay away
/// for the stall time: its process does not run. Where the system says that it is stopped, that is the end; where the
/// machine may only have too much to do, it is named, and gets ten times that long.</para>
/// <para><b>Missing</b> is a rank that has not joined the group where another waits for it: named after the stall
/// time, and ended as a hung one is after five minutes, as data may be read before. One that has ended without joining
/// can't come any more: fatal at once.</para>
/// <para><b>Gone</b> is a rank that has left without a collective in which another waits; fatal after the stall
/// time.</para>
/// <para><b>Hung</b> is a rank whose process runs and that has not come to a collective in which others wait: named
/// after the stall time. It is ended where all can start again, and only after what <see cref="RankPatience"/> gives
/// it: twenty times what it usually takes from one collective to the next, ten times the stall time while that is not
/// known, five minutes before its first, or what it asked for; never less than three times the stall time. A slow rank
/// is one that comes within that time. The two can't be told apart for sure, so each time doubles the patience. Whoever
/// knows that a rank has long work to do alone says so: <see cref="RankContext.MayTake"/>.</para>
/// <para>Within a step of a mesh, and within backward, all have begun as much: there it is the one that waits for
/// nobody and that others wait for (<see cref="WaitGraph"/>). It is named after the stall time, or the longest that it
/// took of late from one collective of all to the next, where that is more: others wait that long by right. Not seen
/// are checkpoints while they are exchanged, where only the time for it tells, and how far a sum within backward has
/// come that all have begun.</para>
/// </remarks>
/// <param name="hosts">The machine of each rank.</param>
/// <param name="patience">How long ranks may hold each other up.</param>
/// <param name="seesAll">
/// Whether all ranks say to this launcher how they are. Else it only knows of its own machine's, and finds those that
/// are stopped.
/// </param>
internal sealed class RankWatch(IReadOnlyList<string> hosts, RankPatience patience, bool seesAll = true)
{
    // The first are joining, and making models equal: what they take says nothing of the steps.
    private const int WarmUp = 3;
    private const int PaceMin = 5;

    // A validation takes long once in a while; some steps later that is no measure any more.
    private const double Fading = 0.9;

    // Where the launcher itself did not get to look, as the machine had too much to do, ranks could not beat either:
    // that time does not count.
    private static readonly TimeSpan s_lookGapMax = TimeSpan.FromSeconds(1);

    // Ranks tell of themselves four times a second.
    private static readonly TimeSpan s_verdictTime = TimeSpan.FromSeconds(1);
    private readonly Seen?[] _seen = new Seen?[hosts.Count];
    private readonly Dictionary<int, TimeSpan> _ended = [];
    private readonly HashSet<int> _failed = [];
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private TimeSpan? _lookedAt;
    private TimeSpan? _mismatchAt;
    private TimeSpan _counted;

    /// <summary>What a rank was last at; null where it has said nothing yet.</summary>
    public RankState? StateOf(int rank) => _seen[rank]?.State;

    /// <summary>A rank that another has waited for, for the stall time at least; null for none.</summary>
    public RankFinding? Awaited { get; private set; }

    /// <summary>A rank has ended, so that its silence means nothing.</summary>
    /// <param name="rank">The rank.</param>
    /// <param name="last">What it was last at; null where it has said nothing.</param>
    /// <param name="hasFailed">Whether it said that it failed, so that nothing more is to be found out of it.</param>
    public void Ended(int rank, RankState? last, bool hasFailed)
    {
        if (last is not null)
        {
            _seen[rank] = Next(_seen[rank], WithGroups(rank, last), _counted);
        }

        _ended.Add(rank, _counted);
        if (hasFailed)
        {
            _failed.Add(rank);
        }
    }

    /// <summary>A rank that left before a collective that another came to, which so lost it; null for none.</summary>
    public RankFinding? GoneBefore(int rank) =>
        _seen[rank] is { } ahead && _seen.OfType<Seen>().FirstOrDefault(gone => IsGoneBefore(gone, ahead)) is { } found
            ? Gone(found, ahead)
            : null;

    /// <summary>Takes in what ranks say, and gives what is new.</summary>
    /// <param name="states">By rank; null for one that said nothing.</param>
    /// <param name="stopped">Ranks of this machine whose processes the system says are stopped.</param>
    /// <param name="time">Now.</param>
    public IReadOnlyList<RankFinding> Observe(
        IReadOnlyList<RankState?> states, IReadOnlySet<int> stopped, TimeSpan time)
    {
        TimeSpan gap = time - (_lookedAt ?? time);
        _lookedAt = time;
        _counted += gap < s_lookGapMax ? gap : s_lookGapMax;
        TimeSpan now = _counted;
        for (int rank = 0; rank < hosts.Count; rank++)
        {
            // What is told of a rank that has ended is older than what it was last at.
            if (_ended.ContainsKey(rank))
            {
                continue;
            }

            if (states[rank] is { } state)
            {
                _seen[rank] = Next(_seen[rank], WithGroups(rank, state), now);
            }
            else if (!seesAll)
            {
                // Its silence here says nothing.
                _seen[rank] = null;
            }
        }

        Seen[] all = [.. _seen.OfType<Seen>()];
        Seen[] running = [.. all.Where(seen => !_ended.ContainsKey(seen.State.Rank) && !seen.State.HasLeft)];
        var waits = WaitGraph.Of(
            [.. running.Select(static seen => seen.State)], [.. all.Select(static seen => seen.State)]);
        RankFinding[] awaited = seesAll
            ? [.. Missing(running, now), .. Gone(all, running, now), .. Late(all, running, waits, now)]
            : [];
        Awaited = awaited.FirstOrDefault();
        RankFinding[] mismatched = Mismatch(all, running, now) is { } mismatch ? [mismatch] : [];
        return [.. mismatched.Concat(Silent(running, stopped, waits, now)).Concat(awaited).Concat(Last(now))
            .Where(found => _told.Add(found.Key))];
    }

    // A page says nothing of groups.
    private RankState WithGroups(int rank, RankState state) =>
        state.Groups.Count > 0 ? state : state with { Groups = _seen[rank]?.State.Groups ?? [] };

    private static Seen Next(Seen? before, RankState state, TimeSpan now)
    {
        if (before is null)
        {
            return new Seen(state, now, now, now, 0, now, default);
        }

        bool isPaced = before.PaceFrom > 0;
        bool paceBegins = !isPaced && state.Entered >= WarmUp;
        TimeSpan enteredAt = before.State.Entered == state.Entered ? before.EnteredAt : now;
        return new Seen(
            state,
            before.State.Beat == state.Beat ? before.BeatAt : now,
            enteredAt,
            before.State.Moves == state.Moves ? before.MovedAt : now,
            paceBegins ? state.Entered : before.PaceFrom,
            paceBegins ? now : before.PaceAt,
            !isPaced || enteredAt == before.EnteredAt
                ? before.LongestTime
                : Later(before.LongestTime * Fading, enteredAt - before.EnteredAt));
    }

    private RankFinding? Mismatch(Seen[] all, Seen[] running, TimeSpan now)
    {
        // One that does not wait is ahead: so what was begun before counts too, as far back as ranks tell.
        foreach (long number in all.SelectMany(static rank => rank.State.Told).Distinct().Order())
        {
            // As many were begun on both sides, but this one is another or has other shapes: neither can come to its
            // end. Most are taken to be right, and what they began after that follows from it.
            (RankState Rank, BegunCollective Begun)[][] sides =
                [.. all.Where(rank => rank.State.Begun(number) is not null)
                    .Select(rank => (Rank: rank.State, Begun: rank.State.Begun(number)!))
                    .GroupBy(static one => (one.Begun.Operation, one.Begun.Tensors))
                    .OrderByDescending(static side => side.Count()).Select(static side => side.ToArray())];
            if (sides.Length < 2)
            {
                continue;
            }

            _mismatchAt ??= now;
            if (sides[0].Length == sides[1].Length && now - _mismatchAt < s_verdictTime
                && running.Any(rank => rank.State.Entered < number))
            {
                // Those that have not told yet decide which are most.
                return null;
            }

            (RankState most, BegunCollective right) = sides[0][0];
            (RankState other, BegunCollective wrong) = sides[^1][0];
            return new RankFinding(
                other.Rank, IsFatal: true, $"mismatch {number}",
                $"rank {other.Rank} on {other.Host} began {wrong} where rank {most.Rank} on {most.Host} began " +
                $"{right}: ranks do different things");
        }

        return null;
    }

    private IEnumerable<RankFinding> Silent(
        Seen[] running, IReadOnlySet<int> stopped, WaitGraph waits, TimeSpan now)
    {
        foreach (Seen seen in running.Where(seen => now - seen.BeatAt >= patience.StallTime))
        {
            bool isStopped = stopped.Contains(seen.State.Rank);
            bool isFatal = isStopped || now - seen.BeatAt >= patience.Of(null, TimeSpan.Zero);
            string why = isStopped
                ? "its process is stopped"
                : "its process does not run: the machine has too much to do, or too little memory";
            yield return new RankFinding(
                seen.State.Rank, isFatal, $"silent {isFatal} {seen.State.Rank} {seen.State.Beat}",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"rank {seen.State.Rank} on {seen.State.Host} is silent for {(now - seen.BeatAt).TotalSeconds:0} " +
                    $"s ({why}); it was last at {seen.State.Doing}{Waiting(running, seen, waits)}"))
            {
                IsStuck = true,
            };
        }
    }

    private static string Waiting(Seen[] running, Seen silent, WaitGraph waits)
    {
        WaitGraph.Wait? wait = waits.WaitFor(silent.State.Rank);
        Seen? waiter = running.FirstOrDefault(rank => rank.State.Rank == wait?.Waiter)
            ?? running.Where(rank => rank.State.Entered > silent.State.Entered)
                .MaxBy(static rank => rank.State.Entered);
        return waiter is null
            ? ""
            : $"; rank {waiter.State.Rank} on {waiter.State.Host} {WaitOf(waiter, wait)}";
    }

    // A group of some ranks is told: what ranks do in it differs from what they all do.
    private static string WaitOf(Seen waiter, WaitGraph.Wait? wait)
    {
        string within = wait is null || wait.Group == RankState.AllRanks
            ? ""
            : $"{(wait.IsTold ? "for it" : "and is ahead of it")} in the group {wait.Group}, ";
        return $"waits {within}in {waiter.State.Doing}";
    }

    private IEnumerable<RankFinding> Missing(Seen[] running, TimeSpan now)
    {
        if (running.MaxBy(static rank => rank.EnteredAt) is not { } last)
        {
            yield break;
        }

        for (int rank = 0; rank < hosts.Count; rank++)
        {
            bool hasEnded = _ended.TryGetValue(rank, out TimeSpan endedAt);
            TimeSpan waited = now - Later(endedAt, last.EnteredAt);
            if (_seen[rank] is not null || _failed.Contains(rank) || (!hasEnded && waited < patience.StallTime))
            {
                continue;
            }

            bool isHung = !hasEnded && patience.EndsHung && waited >= patience.OfStart(TimeSpan.Zero);
            string how = hasEnded
                ? "has ended without joining the group"
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"has the others wait for {waited.TotalSeconds:0} s to join the group");
            yield return new RankFinding(
                rank, hasEnded || isHung, $"missing {hasEnded} {isHung} {rank}",
                $"rank {rank} on {hosts[rank]} {how}: it did not come to {nameof(RankContext)}." +
                $"{nameof(RankContext.Join)}; rank {last.State.Rank} on {last.State.Host} waits in " +
                last.State.Doing + (hasEnded
                    ? ". Have each rank join, also one that has nothing to do"
                    : ". Have each rank join first, and do after that what takes long"),
                isHung)
            {
                IsStuck = true,
            };
        }
    }

    private IEnumerable<RankFinding> Gone(Seen[] all, Seen[] running, TimeSpan now) =>
        running.MaxBy(static rank => rank.State.Entered) is not { } ahead ? []
            : all.Except(running)
                .Where(gone => IsGoneBefore(gone, ahead))
                .Where(gone => now - Later(gone.BeatAt, ahead.EnteredAt) >= patience.StallTime)
                .Select(gone => Gone(gone, ahead));

    private bool IsGoneBefore(Seen gone, Seen ahead) =>
        (gone.State.HasLeft || _ended.ContainsKey(gone.State.Rank)) && !_failed.Contains(gone.State.Rank)
        && gone.State.Entered < ahead.State.Entered;

    private static RankFinding Gone(Seen gone, Seen ahead) => new(
        gone.State.Rank, IsFatal: true, $"gone {gone.State.Rank}",
        $"rank {gone.State.Rank} on {gone.State.Host} has left the group without {ahead.State.Doing}, in which rank " +
        $"{ahead.State.Rank} on {ahead.State.Host} waits; it came no further than {gone.State.Doing}. Have all ranks " +
        "begin the same collectives, and wait for each of them");

    /// <summary>Nobody waits for those that run on when all others have ended, but whoever looks on.</summary>
    private IEnumerable<RankFinding> Last(TimeSpan now)
    {
        if (!seesAll || _ended.Count == 0 || _failed.Count > 0)
        {
            yield break;
        }

        TimeSpan since = now - _ended.Values.Max();
        foreach (Seen last in _seen.OfType<Seen>().Where(seen => !_ended.ContainsKey(seen.State.Rank)
            && since >= Later(patience.Of(null, TimeSpan.Zero), seen.State.Patience)))
        {
            yield return new RankFinding(
                last.State.Rank, IsFatal: false, $"last {last.State.Rank}",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"rank {last.State.Rank} on {last.State.Host} runs on {since.TotalSeconds:0} s after another has " +
                    $"ended; it was last at {last.State.Doing}. Its end is waited for: where it hangs, end it"));
        }
    }

    private static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private IEnumerable<RankFinding> Late(Seen[] all, Seen[] running, WaitGraph waits, TimeSpan now)
    {
        if (all.Length < hosts.Count || running.Length == 0)
        {
            yield break;
        }

        Seen ahead = all.Where(rank => !_failed.Contains(rank.State.Rank)).MaxBy(static rank => rank.State.Entered)!;
        long least = running.Min(static rank => rank.State.Entered);

        // One that says nothing is silent, which is another finding.
        foreach (Seen late in running.Where(
            rank => !waits.Waits(rank.State.Rank) && now - rank.BeatAt < patience.StallTime))
        {
            bool isBehind = late.State.Entered == least && least < ahead.State.Entered;
            WaitGraph.Wait? wait = waits.WaitFor(late.State.Rank);
            Seen? waiter = running.FirstOrDefault(rank => rank.State.Rank == wait?.Waiter) ?? (isBehind ? ahead : null);
            if (waiter is null)
            {
                continue;
            }

            TimeSpan waited = now - Later(late.MovedAt, waiter.MovedAt);
            TimeSpan usual = Later(late.UsualTime ?? default, isBehind ? default : late.LongestTime);
            TimeSpan given = late.State.Sequence == 0
                ? patience.OfStart(late.State.Patience)
                : patience.Of(late.UsualTime is null ? null : usual, late.State.Patience);
            string text = Describe(late, waiter, wait, waited);
            if (patience.EndsHung && waited >= given)
            {
                yield return new RankFinding(
                    late.State.Rank, IsFatal: true, $"hung {late.State.Rank} {late.State.Entered}",
                    text + "; it is taken to hang. Where it is only slow, give --stall-timeout, or say so in the " +
                    $"program: {nameof(RankContext)}.{nameof(RankContext.MayTake)}",
                    IsHung: true)
                {
                    IsStuck = true,
                };
            }
            else if (waited >= Later(patience.StallTime, isBehind ? default : usual) && late.State.Patience < waited)
            {
                yield return new RankFinding(
                    late.State.Rank, IsFatal: false, $"late {late.State.Rank} {late.State.Entered}", text);
            }
        }
    }

    private static string Describe(Seen late, Seen waiter, WaitGraph.Wait? wait, TimeSpan waited)
    {
        string usual = late.UsualTime is { } time
            ? string.Create(CultureInfo.InvariantCulture, $" (usually it takes {time.TotalSeconds:0.###} s)")
            : "";
        string waits = waiter.State.HasLeft ? $"left after {waiter.State.Doing}" : WaitOf(waiter, wait);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"rank {late.State.Rank} on {late.State.Host} holds the others up for {waited.TotalSeconds:0} s{usual}: " +
            $"its process runs, but it came no further than {late.State.Doing}; rank {waiter.State.Rank} on " +
            $"{waiter.State.Host} {waits}");
    }

    private sealed record Seen(
        RankState State, TimeSpan BeatAt, TimeSpan EnteredAt, TimeSpan MovedAt, long PaceFrom, TimeSpan PaceAt,
        TimeSpan LongestTime)
    {
        /// <summary>From one collective to the next, on average; null while too few were seen.</summary>
        public TimeSpan? UsualTime => PaceFrom > 0 && State.Entered - PaceFrom >= PaceMin
            ? (EnteredAt - PaceAt) / (State.Entered - PaceFrom)
            : null;
    }
}

using System.Globalization;
using Lepton.Training.Ranks;

namespace Lepton.Training.Launch;

/// <summary>
/// Finds out from what ranks say of themselves who holds the others up: who is silent, who is awaited by the others,
/// and who began something else than they did. Pure: states and a time in, findings out.
/// </summary>
internal sealed class RankWatch(int ranks, TimeSpan stallTime)
{
    private readonly Seen?[] _seen = new Seen?[ranks];
    private readonly HashSet<int> _ended = [];
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);

    /// <summary>What a rank was last at; null where it has said nothing yet.</summary>
    public RankState? StateOf(int rank) => _seen[rank]?.State;

    /// <summary>A rank has ended, so that its silence means nothing, nor what it was last at.</summary>
    public void Ended(int rank) => _ended.Add(rank);

    /// <summary>Takes in what ranks say, null for one that said nothing, and gives what is new.</summary>
    public IReadOnlyList<RankFinding> Observe(IReadOnlyList<RankState?> states, TimeSpan now)
    {
        for (int rank = 0; rank < ranks; rank++)
        {
            if (states[rank] is { } state)
            {
                Seen? before = _seen[rank];
                _seen[rank] = new Seen(
                    state,
                    before?.State.Beat == state.Beat ? before.BeatAt : now,
                    before?.State.Entered == state.Entered ? before.EnteredAt : now);
            }
        }

        Seen[] all = [.. _seen.OfType<Seen>()];
        Seen[] running = [.. all.Where(seen => !_ended.Contains(seen.State.Rank))];
        return [.. Mismatches(all).Concat(Silent(running, now)).Concat(Awaited(running, now))
            .Where(found => _told.Add(found.Key))];
    }

    private static IEnumerable<RankFinding> Mismatches(Seen[] seen)
    {
        // As many were begun on both sides, but the last is another or has other shapes: neither can come to its end.
        foreach (IGrouping<long, Seen> same in seen.GroupBy(static rank => rank.State.Entered))
        {
            Seen first = same.First();
            Seen? other = same.FirstOrDefault(rank =>
                rank.State.Operation != first.State.Operation || rank.State.Tensors != first.State.Tensors);
            if (other is not null)
            {
                yield return new RankFinding(
                    other.State.Rank, IsFatal: true, $"mismatch {same.Key}",
                    $"ranks do different things: rank {other.State.Rank} on {other.State.Host} is at " +
                    $"{other.State.Doing}, rank {first.State.Rank} on {first.State.Host} at {first.State.Doing}");
            }
        }
    }

    private IEnumerable<RankFinding> Silent(Seen[] running, TimeSpan now) => running
        .Where(seen => now - seen.BeatAt >= stallTime)
        .Select(seen => new RankFinding(
            seen.State.Rank, IsFatal: true, $"silent {seen.State.Rank}",
            string.Create(
                CultureInfo.InvariantCulture,
                $"rank {seen.State.Rank} on {seen.State.Host} is silent for {(now - seen.BeatAt).TotalSeconds:0} s " +
                $"(stopped, or the machine is out of memory); it was last at {seen.State.Doing}")));

    private IEnumerable<RankFinding> Awaited(Seen[] seen, TimeSpan now)
    {
        if (seen.Length < ranks)
        {
            yield break;
        }

        Seen ahead = seen.MaxBy(static rank => rank.State.Entered)!;
        foreach (Seen late in seen.Where(rank => rank.State.Entered < ahead.State.Entered))
        {
            if (now - ahead.EnteredAt >= stallTime && now - late.EnteredAt >= stallTime)
            {
                // Perhaps it only computes for long; whether that is too long is for the group's timeout to say.
                yield return new RankFinding(
                    late.State.Rank, IsFatal: false, $"late {late.State.Rank} {late.State.Entered}",
                    $"rank {late.State.Rank} on {late.State.Host} holds the others up: it has been behind " +
                    $"{late.State.Doing} for a while, rank {ahead.State.Rank} on {ahead.State.Host} waits in " +
                    $"{ahead.State.Doing}");
            }
        }
    }

    private sealed record Seen(RankState State, TimeSpan BeatAt, TimeSpan EnteredAt);
}

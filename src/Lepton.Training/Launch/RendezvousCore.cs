using System.Globalization;

namespace Lepton.Training.Launch;

/// <summary>
/// Decides, for one launcher of several, which round it runs. Pure: what the store holds and a time in, a step out.
/// </summary>
/// <remarks>
/// Each launcher keeps a key with a lease: who lives is who has one. The one that came first of those leads: when the
/// last round is over (a member is gone or leaves, a rank failed, or another launcher came and there is room) it puts a
/// new one in its place, which the store takes from it only if nobody else did meanwhile. All others follow what the
/// store holds. So two launchers never run a round of one number with other members, whatever they saw when; and
/// whoever leads, all are told the same. Source: torchrun's dynamic rendezvous, over etcd's leases and transactions.
/// </remarks>
internal sealed class RendezvousCore(string me, RendezvousOptions options, int restartsMax)
{
    private string _present = "";
    private TimeSpan _presentSince;
    private TimeSpan? _waitsSince;
    private int _lostRound = -1;
    private TimeSpan _lostSince;
    private int _running = -1;
    private bool _isOver;

    /// <summary>The round after another.</summary>
    public static Round After(Round? before, IReadOnlyList<RoundNode> nodes, RoundCause? cause, string? why = null) =>
        new(
            (before?.Number ?? -1) + 1, nodes, (before?.Restarts ?? 0) + (cause is null ? 0 : 1),
            (before?.Hangs ?? 0) + (cause is { IsHung: true } ? 1 : 0))
        {
            Cause = cause,
            Why = why ?? cause?.Text,
        };

    /// <summary>Takes in what the store holds.</summary>
    public RendezvousStep Step(RendezvousView view, TimeSpan now)
    {
        string present = string.Join(' ', view.Nodes.Select(static node => node.Node.Id));
        if (present != _present)
        {
            (_present, _presentSince) = (present, now);
        }

        if (_isOver || view.Find(me) is null)
        {
            return RendezvousStep.Wait;
        }

        Round? round = view.Round;
        bool isMember = round?.NodeRankOf(me) >= 0;
        if (isMember && round!.State != RoundState.Running)
        {
            _isOver = true;
            return new RendezvousStep(Tell: new RendezvousEvent(
                round.State == RoundState.Finished ? RendezvousEventKind.Finish : RendezvousEventKind.GiveUp, round));
        }

        string? why = OverBecause(view, out RoundCause? cause);
        return why is not null ? Over(view, why, cause, now) : Running(view, round!, isMember, now);
    }

    private RendezvousStep Running(RendezvousView view, Round round, bool isMember, TimeSpan now)
    {
        _waitsSince = null;
        if (Leads(view) && round.Nodes.All(node => view.Find(node.Id)!.DoneRound == round.Number))
        {
            return new RendezvousStep(round with { State = RoundState.Finished });
        }

        bool begins = isMember && _running != round.Number && view.Find(me)!.DoneRound != round.Number;
        _running = isMember ? round.Number : _running;
        return begins
            ? new RendezvousStep(Tell: new RendezvousEvent(RendezvousEventKind.Run, round))
            : Leads(view) && HasNews(view, round) && now - _presentSince >= options.JoinTime
                ? new RendezvousStep(After(round, Candidates(view), null, "another machine joins"))
                : RendezvousStep.Wait;
    }

    private RendezvousStep Over(RendezvousView view, string why, RoundCause? cause, TimeSpan now)
    {
        if (view.Round is { } round && _running == round.Number)
        {
            _running = -1;
            return new RendezvousStep(Tell: new RendezvousEvent(
                RendezvousEventKind.End, round with { Cause = cause }, why));
        }

        RoundNode[] candidates = Candidates(view);
        if (candidates.Length < options.NodesMin)
        {
            return WaitForMore(view, candidates.Length, now);
        }

        _waitsSince = null;
        if (!Leads(view) || IsTooEarly(view, candidates.Length, cause, now))
        {
            return RendezvousStep.Wait;
        }

        // The store may hold what is left of a training that is over, or that nobody is in any more.
        bool isNew = view.Round is not { State: RoundState.Running } before
            || before.Nodes.All(node => view.Find(node.Id) is null);
        if (isNew)
        {
            return new RendezvousStep(After(view.Round, candidates, null) with { Restarts = 0, Hangs = 0 });
        }

        return new RendezvousStep(cause is not null && view.Round!.Restarts >= restartsMax
            ? view.Round with { State = RoundState.GivenUp, Cause = cause }
            : After(view.Round, candidates, cause, why));
    }

    private RendezvousStep WaitForMore(RendezvousView view, int count, TimeSpan now)
    {
        if (_waitsSince is not { } since)
        {
            _waitsSince = now;
            return new RendezvousStep(Tell: new RendezvousEvent(RendezvousEventKind.Tell, view.Round, string.Create(
                CultureInfo.InvariantCulture,
                $"waiting for machines: {count} of at least {options.NodesMin} are there")));
        }

        if (now - since < options.WaitTimeMax)
        {
            return RendezvousStep.Wait;
        }

        _isOver = true;
        return new RendezvousStep(Tell: new RendezvousEvent(RendezvousEventKind.GiveUp, view.Round, string.Create(
            CultureInfo.InvariantCulture,
            $"only {count} of at least {options.NodesMin} machines came within " +
            $"{options.WaitTimeMax.TotalSeconds:0} s: start lepton train on the others, with --rdzv-id {options.Id} " +
            $"and the same --rdzv-endpoint, or lower --nnodes {options.NodesMin}:{options.NodesMax}")));
    }

    /// <summary>
    /// Whether more is to come: other launchers where there is room; and, where all failures told so far are that a
    /// peer was lost, that peer's own failure, or the end of its lease.
    /// </summary>
    private bool IsTooEarly(RendezvousView view, int count, RoundCause? cause, TimeSpan now)
    {
        if (cause is { LostItsPeers: true })
        {
            if (_lostRound != view.Round!.Number)
            {
                (_lostRound, _lostSince) = (view.Round.Number, now);
            }

            return now - _lostSince < options.LeaseTime + options.JoinTime;
        }

        return count < options.NodesMax && now - _presentSince < options.JoinTime;
    }

    private bool Leads(RendezvousView view) => Staying(view).FirstOrDefault()?.Id == me;

    // Those who were in the last round stay, in the order in which they came.
    private RoundNode[] Candidates(RendezvousView view) =>
        [.. Staying(view).OrderBy(node => view.Round?.NodeRankOf(node.Id) is >= 0 ? 0 : 1).Take(options.NodesMax)];

    private static IEnumerable<RoundNode> Staying(RendezvousView view) => view.Nodes
        .Where(node => !node.IsLeaving
            && (view.Round is not { State: not RoundState.Running } over || over.NodeRankOf(node.Node.Id) < 0))
        .Select(static node => node.Node);

    private bool HasNews(RendezvousView view, Round round) => round.Nodes.Count < options.NodesMax
        && view.Nodes.Any(node => !node.IsLeaving && round.NodeRankOf(node.Node.Id) < 0);

    /// <summary>Why the last round is over; null while it is not.</summary>
    private static string? OverBecause(RendezvousView view, out RoundCause? cause)
    {
        cause = null;
        if (view.Round is not { State: RoundState.Running } round)
        {
            return "the training begins";
        }

        RendezvousNode[] members = [.. round.Nodes.Select(node => view.Find(node.Id)).OfType<RendezvousNode>()];
        string[] gone = [.. round.Nodes.Where(node => view.Find(node.Id) is null).Select(static node => node.Host)];
        string[] leaving = [.. members.Where(static node => node.IsLeaving).Select(static node => node.Node.Host)];
        if (gone.Length > 0 || leaving.Length > 0)
        {
            // What ranks failed of elsewhere follows from it.
            return string.Join("; ", [
                .. gone.Select(static host => $"the launcher on {host} is gone"),
                .. leaving.Select(static host => $"the launcher on {host} was stopped"),
            ]);
        }

        cause = members.Where(node => node.FailedRound == round.Number).Select(static node => node.Cause!)
            .MinBy(static failure => failure.LostItsPeers);
        return cause?.Text;
    }
}

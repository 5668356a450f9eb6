using Lepton.Core.Randomness;
using Lepton.Training.Launch;

namespace Lepton.Training.Tests.Launch;

/// <summary>
/// Launchers and a store, simulated on one seed: each launcher looks when the seed has it, at what the store held a
/// while ago, and what it publishes arrives later still, where the store takes it only in the place of what was seen.
/// </summary>
internal sealed class RendezvousWorld
{
    private const int HistoryMax = 4;
    private static readonly TimeSpan s_turn = TimeSpan.FromMilliseconds(250);
    private readonly RendezvousOptions _options;
    private readonly int _restartsMax;
    private readonly SeededRandom _random;
    private readonly List<Launcher> _launchers = [];
    private readonly List<(RendezvousNode[] Nodes, Round? Round, int Revision, TimeSpan At)> _history = [];
    private readonly Dictionary<int, string> _membersByNumber = [];
    private readonly List<(Round Next, int Revision)> _onTheWay = [];
    private int _roundRevision;
    private TimeSpan _now;

    public RendezvousWorld(int min, int max, int restartsMax, ulong seed)
    {
        _options = new RendezvousOptions
        {
            Endpoints = [new Uri("http://127.0.0.1:1")], NodesMin = min, NodesMax = max,
        };
        _restartsMax = restartsMax;
        _random = new SeededRandom(seed);
    }

    public Round? Round { get; private set; }

    public IEnumerable<int> Living => Enumerable.Range(0, _launchers.Count).Where(place => _launchers[place].Lives);

    public void Come(int count)
    {
        for (int i = 0; i < count; i++)
        {
            string id = $"n{_launchers.Count}";
            _launchers.Add(new Launcher(
                new RendezvousNode(new RoundNode(id, "host-" + id, "127.0.0.1", 1, 2)),
                new RendezvousCore(id, _options, _restartsMax)));
        }
    }

    public void Die(int place) => _launchers[place].Lives = false;

    public void Leave(int place) => _launchers[place].Change(static mine => mine with { IsLeaving = true });

    public void Finish(int place) => _launchers[place].Change(mine => mine with { DoneRound = Round!.Number });

    public void Fail(int place, bool lostItsPeers)
    {
        if (_launchers[place].Rounds is [.., var last])
        {
            _launchers[place].Change(mine => mine with
            {
                FailedRound = last,
                Cause = new RoundCause(place, $"rank {place}: failed", null, 1, lostItsPeers, false),
            });
        }
    }

    public IReadOnlyList<int> RoundsOf(int place) => _launchers[place].Rounds;

    public RendezvousEvent? LastOf(int place) => _launchers[place].Last;

    /// <summary>Each launcher may look once; time goes on.</summary>
    public void Turn()
    {
        _now += s_turn;
        Remember();
        Arrive();
        foreach (Launcher launcher in _launchers.Where(static launcher => launcher.Lives).ToArray())
        {
            if (_random.NextInt32(3) > 0)
            {
                Look(launcher, age: _random.NextInt32(Math.Min(HistoryMax, _history.Count)));
            }
        }
    }

    /// <summary>Nothing happens any more, until all have seen all.</summary>
    public void Settle() => Pass(TimeSpan.FromSeconds(60));

    public void Pass(TimeSpan time)
    {
        for (TimeSpan end = _now + time; _now < end;)
        {
            Turn();
        }
    }

    /// <summary>All that can take part run the last round, and nobody else does.</summary>
    public void RequireAgreement(ulong seed)
    {
        string[] staying = [.. _launchers.Where(static launcher => launcher is { Lives: true, Mine.IsLeaving: false })
            .Select(static launcher => launcher.Mine.Node.Id)];
        string[] members = [.. Round!.Nodes.Select(static node => node.Id)];
        string where = $"seed {seed}: {string.Join(' ', members)} of {string.Join(' ', staying)}";
        Assert.True(members.Length >= _options.NodesMin && members.Length <= _options.NodesMax, where);
        Assert.True(members.Length == Math.Min(staying.Length, _options.NodesMax), where);
        Assert.True(members.All(staying.Contains), where);
        foreach (Launcher launcher in _launchers.Where(launcher => members.Contains(launcher.Mine.Node.Id)))
        {
            Assert.True(launcher.Rounds is [.., var last] && last == Round.Number, where);
            Assert.Equal(RendezvousEventKind.Run, launcher.Last!.Kind);
        }
    }

    private void Remember()
    {
        _history.Insert(0, (
            [.. _launchers.Where(static launcher => launcher.Lives).Select(static launcher => launcher.Mine)], Round,
            _roundRevision, _now));
        if (_history.Count > HistoryMax)
        {
            _history.RemoveAt(HistoryMax);
        }
    }

    private void Look(Launcher launcher, int age)
    {
        // Reads are linearizable: none sees an older state than the one before it.
        (RendezvousNode[] nodes, Round? round, int revision, TimeSpan at) = _history[age];
        if (at < launcher.SeenAt)
        {
            return;
        }

        launcher.SeenAt = at;
        RendezvousStep step = launcher.Core.Step(new RendezvousView(nodes, round), _now);
        if (step.Tell is { } told)
        {
            launcher.Take(told);
            if (told is { Kind: RendezvousEventKind.Run, Round: { } run })
            {
                // Two launchers never run a round of one number with other members.
                string members = string.Join(' ', run.Nodes.Select(static node => node.Id));
                Assert.True(_membersByNumber.TryAdd(run.Number, members) || _membersByNumber[run.Number] == members);
                Assert.InRange(run.Nodes.Count, _options.NodesMin, _options.NodesMax);
            }
        }

        if (step.Publish is { } next)
        {
            _onTheWay.Add((next, revision));
        }
    }

    private void Arrive()
    {
        foreach ((Round next, int revision) in _onTheWay.ToArray())
        {
            if (_random.NextInt32(2) == 0)
            {
                _onTheWay.Remove((next, revision));
                if (revision == _roundRevision)
                {
                    Round = next;
                    _roundRevision++;
                }
            }
        }
    }

    private sealed class Launcher(RendezvousNode mine, RendezvousCore core)
    {
        private readonly List<int> _rounds = [];

        public RendezvousNode Mine { get; private set; } = mine;

        public RendezvousCore Core { get; } = core;

        public bool Lives { get; set; } = true;

        public TimeSpan SeenAt { get; set; }

        public IReadOnlyList<int> Rounds => _rounds;

        public RendezvousEvent? Last { get; private set; }

        public void Change(Func<RendezvousNode, RendezvousNode> change) => Mine = change(Mine);

        public void Take(RendezvousEvent told)
        {
            Last = told;
            if (told.Kind == RendezvousEventKind.Run)
            {
                _rounds.Add(told.Round!.Number);
            }
        }
    }
}

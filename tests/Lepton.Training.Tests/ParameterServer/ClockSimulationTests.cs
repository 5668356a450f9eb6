using Lepton.Core.Randomness;
using Lepton.Training.ParameterServer;
using Lepton.Training.ParameterServer.Clocks;

namespace Lepton.Training.Tests.ParameterServer;

/// <summary>
/// Workers on a seeded schedule: each pulls and pushes at its own pace, some die, some come again, a server dies and
/// its backup goes on with its state. Checked at every step is what <see cref="ClockCore"/> promises.
/// </summary>
public sealed class ClockSimulationTests
{
    public static TheoryData<int, int> Cases
    {
        get
        {
            var cases = new TheoryData<int, int>();
            for (int seed = 0; seed < 60; seed++)
            {
                cases.Add(seed, seed % 3);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Step_AnySchedule_PromisesHold(int seed, int mode) =>
        new World((ulong)seed, (UpdateMode)mode).Run();

    [Fact]
    public void Step_SynchronousAndOneDies_RoundClosesWithoutIt()
    {
        var core = new ClockCore(UpdateMode.Synchronous, 0, 2);
        core.Step(new ClockInput.Pushed(0, 0, 3));
        Assert.DoesNotContain(core.Step(new ClockInput.Wanted(0, 1)), static effect => effect is ClockEffect.Give);

        IReadOnlyList<ClockEffect> effects = core.Step(new ClockInput.Gone(1));

        var apply = Assert.IsType<ClockEffect.Apply>(effects[0]);
        Assert.Equal([new Contribution(0, 1)], apply.Contributions);
        Assert.Equal(new ClockEffect.Give(0), effects[1]);
    }

    [Fact]
    public void Step_SynchronousUnequalWeights_SharesAreTheirParts()
    {
        var core = new ClockCore(UpdateMode.Synchronous, 0, 2);
        core.Step(new ClockInput.Pushed(1, 0, 1));

        var apply = core.Step(new ClockInput.Pushed(0, 0, 3)).OfType<ClockEffect.Apply>().Single();

        Assert.Equal([new Contribution(0, 0.75), new Contribution(1, 0.25)], apply.Contributions);
    }

    [Fact]
    public void Step_GoneWorkerPushes_IsRefused()
    {
        var core = new ClockCore(UpdateMode.Asynchronous, 0, 2);
        core.Step(new ClockInput.Gone(1));

        var refuse = Assert.IsType<ClockEffect.Refuse>(Assert.Single(core.Step(new ClockInput.Pushed(1, 0, 1))));

        Assert.Contains("silent for so long", refuse.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void TakeExpired_SilentWorker_OnceAndAlone()
    {
        var leases = new LeaseClock(TimeSpan.FromSeconds(10));
        leases.Heard(0, TimeSpan.Zero);
        leases.Heard(1, TimeSpan.FromSeconds(5));

        Assert.Equal([0], leases.TakeExpired(TimeSpan.FromSeconds(11)));
        Assert.Empty(leases.TakeExpired(TimeSpan.FromSeconds(12)));
        leases.Forget(1);
        Assert.Empty(leases.TakeExpired(TimeSpan.FromSeconds(99)));
    }

    private sealed class World
    {
        private const int WorkersMax = 5;
        private const int StepsEach = 25;
        private const int MovesMax = 20_000;
        private readonly SeededRandom _random;
        private readonly UpdateMode _mode;
        private readonly int _staleness;
        private readonly Worker[] _workers;
        private ClockCore _core;
        private readonly HashSet<(int Worker, int Life, long Clock)> _acknowledged = [];
        private readonly List<(int Worker, int Life, long Clock)> _waiting = [];
        private readonly List<(int Worker, int Life, long Clock)> _applied = [];

        public World(ulong seed, UpdateMode mode)
        {
            _random = new SeededRandom(seed);
            _mode = mode;
            _staleness = _random.NextInt32(0, 4);
            _workers = [.. Enumerable.Range(0, _random.NextInt32(1, WorkersMax + 1)).Select(static _ => new Worker())];
            _core = new ClockCore(mode, _staleness, _workers.Length);
        }

        public void Run()
        {
            for (int move = 0; move < MovesMax && Array.Exists(_workers, static worker => worker.IsRunning); move++)
            {
                Move(_random.NextInt32(_workers.Length));
                if (_random.NextInt32(200) == 0)
                {
                    Failover();
                }
            }

            Assert.All(_workers, static worker => Assert.False(worker.IsRunning, "a worker waits for ever"));
            Assert.Equal(_applied.Count, _applied.Distinct().Count());
            Assert.Subset(_acknowledged, _applied.ToHashSet());

            // Whatever was acknowledged is in, but for a last round that all its workers left.
            Assert.Equal(_acknowledged.Count, _applied.Count + _waiting.Count);
        }

        private void Move(int number)
        {
            Worker worker = _workers[number];
            if (worker.Died && !worker.IsOver && _random.NextInt32(10) == 0)
            {
                Come(number);
                return;
            }

            if (!worker.IsRunning)
            {
                return;
            }

            if (_random.NextInt32(120) == 0)
            {
                worker.Died = true;
                worker.IsOver = _random.NextInt32(2) == 0;
                Take(_core.Step(new ClockInput.Gone(number)));
                return;
            }

            if (!worker.HasValues && !worker.Asked)
            {
                worker.Asked = true;
                Take(_core.Step(new ClockInput.Wanted(number, worker.Clock)));
            }
            else if (worker.HasValues)
            {
                Push(number, worker);
            }
        }

        private void Push(int number, Worker worker)
        {
            if (worker.Clock >= StepsEach)
            {
                worker.IsDone = true;
                Take(_core.Step(new ClockInput.Gone(number)));
                return;
            }

            long clock = worker.Clock++;
            (worker.HasValues, worker.Asked) = (false, false);
            Take(_core.Step(new ClockInput.Pushed(number, clock, 1 + _random.NextInt32(8))));
            if (_random.NextInt32(10) == 0)
            {
                // It did not hear, and says it again.
                Take(_core.Step(new ClockInput.Pushed(number, clock, 1)));
            }
        }

        private void Come(int number)
        {
            ClockEffect.Admit admit = _core.Step(new ClockInput.Joined(number)).OfType<ClockEffect.Admit>().Single();
            _workers[number] = new Worker { Clock = admit.Clock, Life = _workers[number].Life + 1 };
        }

        // The backup has the state, but not who waits: workers ask again.
        private void Failover()
        {
            _core = new ClockCore(_mode, _staleness, _core.State);
            foreach (Worker worker in _workers)
            {
                worker.Asked = false;
            }
        }

        private void Take(IReadOnlyList<ClockEffect> effects)
        {
            foreach (ClockEffect effect in effects)
            {
                switch (effect)
                {
                    case ClockEffect.Acknowledge { IsNew: true } taken:
                        (int, int, long) gradients = (taken.Worker, _workers[taken.Worker].Life, taken.Clock);
                        Assert.True(_acknowledged.Add(gradients), "gradients were taken twice");
                        _waiting.Add(gradients);
                        break;
                    case ClockEffect.Apply apply:
                        Assert.Equal(1, apply.Contributions.Sum(static part => part.Share), 1e-9);
                        Assert.All(apply.Contributions, Apply);
                        break;
                    case ClockEffect.Give give:
                        AssertFresh(give.Worker);
                        _workers[give.Worker].HasValues = true;
                        break;
                    case ClockEffect.Refuse refuse:
                        Assert.Fail(refuse.Reason);
                        break;
                }
            }
        }

        private void Apply(Contribution part)
        {
            (int Worker, int Life, long Clock) gradients = _waiting.Single(waiting => waiting.Worker == part.Worker);
            _waiting.Remove(gradients);
            _applied.Add(gradients);
        }

        private void AssertFresh(int number)
        {
            Assert.True(_workers[number].Asked, "values were given that nobody asked for");
            long clock = _workers[number].Clock;
            long mustHave = _mode switch
            {
                UpdateMode.Synchronous => clock,
                UpdateMode.BoundedStaleness => clock - _staleness,
                _ => 0,
            };
            for (int other = 0; other < _workers.Length; other++)
            {
                if (_workers[other].IsRunning)
                {
                    Assert.True(
                        _core.State.Workers[other].Clock >= mustHave
                            && !_waiting.Exists(waiting => waiting.Worker == other && waiting.Clock < mustHave),
                        $"worker {number} at {clock} got values without worker {other}'s");
                }
            }
        }

        private sealed class Worker
        {
            public int Life { get; init; }

            public long Clock { get; set; }

            public bool HasValues { get; set; }

            public bool Asked { get; set; }

            public bool Died { get; set; }

            public bool IsOver { get; set; }

            public bool IsDone { get; set; }

            public bool IsRunning => !Died && !IsDone;
        }
    }
}

using FsCheck;
using FsCheck.Fluent;
using Lepton.Core.Balancing;
using Lepton.Core.Randomness;

namespace Lepton.Core.Tests.Balancing;

public sealed class PolicyTests
{
    public static TheoryData<string> Policies => ["round robin", "smooth", "least", "two choices"];

    private static readonly Arbitrary<int[]> s_weights =
        Gen.Choose(1, 9).ArrayOf().Where(weights => weights.Length > 0).ToArbitrary();

    [Theory]
    [MemberData(nameof(Policies))]
    public void Choose_NobodyEligible_IsMinusOne(string name)
    {
        IBalancingPolicy policy = Make(name);
        Assert.Equal(-1, policy.Choose([]));
        Assert.Equal(-1, policy.Choose([new(1, 0, 0), new(2, -1, 0)]));
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Choose_OneEligible_IsAlwaysThatOne(string name)
    {
        IBalancingPolicy policy = Make(name);
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(1, policy.Choose([new(1, 0, 0), new(2, 3, 99), new(3, 0, 0)]));
        }
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Choose_CandidatesComeAndGo_AlwaysGivesAnIndexOfThem(string name)
    {
        SeededRandom random = new(31);
        IBalancingPolicy policy = Make(name);
        for (int i = 0; i < 2000; i++)
        {
            BalancingCandidate[] candidates =
            [
                .. random.Sample(1000, random.NextInt32(1, 20))
                    .Select(id => new BalancingCandidate(id, random.NextInt32(1, 5), random.NextInt32(10))),
            ];
            Assert.InRange(policy.Choose(candidates), 0, candidates.Length - 1);
        }
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Choose_ManyThreads_LosesNoChoice(string name)
    {
        IBalancingPolicy policy = Make(name);
        int[] counts = new int[4];
        Parallel.For(0, 4000, _ =>
        {
            int chosen = policy.Choose([new(0, 1, 0), new(1, 1, 0), new(2, 1, 0), new(3, 1, 0)]);
            Interlocked.Increment(ref counts[chosen]);
        });
        if (name == "two choices")
        {
            Assert.All(counts, count => Assert.InRange(count, 850, 1150));
        }
        else
        {
            Assert.All(counts, count => Assert.Equal(1000, count));
        }
    }

    [Fact]
    public void RoundRobin_SameCandidates_TakeTurnsByIdWhateverTheirOrder()
    {
        RoundRobinPolicy policy = new();
        BalancingCandidate[] candidates = [new(30, 1, 0), new(10, 9, 5), new(20, 1, 0)];
        Assert.Equal(
            [10L, 20, 30, 10, 20], Enumerable.Range(0, 5).Select(_ => candidates[policy.Choose(candidates)].Id));
    }

    [Fact]
    public void RoundRobin_OneLeavesAndReturns_OthersKeepTheirTurns()
    {
        PolicySimulation simulation = new(new RoundRobinPolicy(), 1, 1, 1, 1);
        Assert.Equal([0, 1], simulation.Sequence(2));
        Assert.Equal(3, simulation.Next(absent: 2));
        Assert.Equal([0, 1, 2, 3], simulation.Sequence(4));
    }

    [Fact]
    public void Smooth_FiveOneOne_IsNginxSequence() => Assert.Equal(
        [0, 0, 1, 0, 2, 0, 0], new PolicySimulation(new SmoothWeightedRoundRobinPolicy(), 5, 1, 1).Sequence(7));

    [Fact]
    public void Smooth_AnyWeights_GivesEachExactlyItsWeightInACycleAndKeepsCloseWithin() =>
        Prop.ForAll(s_weights, weights =>
        {
            PolicySimulation simulation = new(new SmoothWeightedRoundRobinPolicy(), weights);
            int total = weights.Sum();
            for (int step = 1; step <= total; step++)
            {
                simulation.Next();
                for (int i = 0; i < weights.Length; i++)
                {
                    double fair = (double)step * weights[i] / total;
                    Assert.InRange(simulation.Outstanding[i], fair - weights.Length, fair + weights.Length);
                }
            }

            return simulation.Outstanding.SequenceEqual(weights);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Smooth_CandidatesReplacedForEver_MemoryStaysBounded()
    {
        SmoothWeightedRoundRobinPolicy policy = new();
        for (long id = 0; id < 10_000; id++)
        {
            policy.Choose([new(id, 1, 0), new(id + 1, 2, 0)]);
        }

        Assert.InRange(policy.RememberedCount, 1, 70);
    }

    [Fact]
    public void Least_EqualWeightsNothingFinishing_DiffersByAtMostOne() =>
        Prop.ForAll(Gen.Choose(1, 20).ToArbitrary(), Gen.Choose(0, 200).ToArbitrary(), (count, calls) =>
        {
            PolicySimulation simulation = new(new LeastOutstandingPolicy(), [.. Enumerable.Repeat(1, count)]);
            simulation.Sequence(calls);
            return simulation.Outstanding.Max() - simulation.Outstanding.Min() <= 1;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Least_AnyWeights_LoadsFollowThemWithinOnePieceOfWork() => Prop.ForAll(s_weights, weights =>
    {
        PolicySimulation simulation = new(new LeastOutstandingPolicy(), weights);
        simulation.Sequence(weights.Sum() * 3);
        return simulation.Outstanding.SequenceEqual(weights.Select(weight => 3 * weight));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Least_Ties_GoInTurn()
    {
        LeastOutstandingPolicy policy = new();
        BalancingCandidate[] idle = [new(0, 1, 0), new(1, 1, 0), new(2, 1, 0)];
        Assert.Equal([0, 1, 2, 0, 1], Enumerable.Range(0, 5).Select(_ => policy.Choose(idle)));
        Assert.Equal(1, policy.Choose([new(0, 1, 4), new(1, 1, 3), new(2, 1, 5)]));
    }

    [Fact]
    public void Least_HugeCounts_DoNotOverflow() => Assert.Equal(
        1,
        new LeastOutstandingPolicy().Choose([new(0, 1, int.MaxValue), new(1, int.MaxValue, int.MaxValue)]));

    [Fact]
    public void TwoChoices_TenThousandIntoAHundred_MaxLoadIsFarBelowRandoms()
    {
        const int Bins = 100;
        const int Balls = 10_000;
        PolicySimulation simulation = new(new PowerOfTwoChoicesPolicy(1), [.. Enumerable.Repeat(1, Bins)]);
        simulation.Sequence(Balls);
        SeededRandom random = new(1);
        int[] thrown = new int[Bins];
        for (int i = 0; i < Balls; i++)
        {
            thrown[random.NextInt32(Bins)]++;
        }

        // The gap over the average of 100: log log n for two choices, about 3 sqrt(100) for one.
        Assert.InRange(simulation.Outstanding.Max() - 100, 0, 5);
        Assert.InRange(thrown.Max() - 100, 15, 60);
    }

    [Fact]
    public void TwoChoices_Weights_AreFollowed()
    {
        PolicySimulation simulation = new(new PowerOfTwoChoicesPolicy(2), 1, 2, 4, 8);
        simulation.Sequence(15_000);
        for (int i = 0; i < 4; i++)
        {
            Assert.InRange(simulation.Outstanding[i], 1000 * (1 << i) * 0.9, 1000 * (1 << i) * 1.1);
        }
    }

    [Fact]
    public void TwoChoices_SameSeed_ChoosesTheSame()
    {
        int[] Run(ulong seed) => new PolicySimulation(new PowerOfTwoChoicesPolicy(seed), 1, 1, 1, 1, 1).Sequence(50);
        Assert.Equal(Run(5), Run(5));
        Assert.NotEqual(Run(5), Run(6));
    }

    [Fact]
    public void TwoChoices_OneFarBusier_IsNeverChosenWhileOthersAreFree()
    {
        PowerOfTwoChoicesPolicy policy = new(3);
        for (int i = 0; i < 200; i++)
        {
            Assert.NotEqual(0, policy.Choose([new(0, 1, 50), new(1, 1, 0), new(2, 1, 0)]));
        }
    }

    private static IBalancingPolicy Make(string name) => name switch
    {
        "round robin" => new RoundRobinPolicy(),
        "smooth" => new SmoothWeightedRoundRobinPolicy(),
        "least" => new LeastOutstandingPolicy(),
        _ => new PowerOfTwoChoicesPolicy(7),
    };
}

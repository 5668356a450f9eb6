using Lepton.Core.Randomness;
using Lepton.Storage.Blocks;
using Lepton.Storage.Cluster;

namespace Lepton.Storage.Tests.Replication;

public sealed class PlacementTests
{
    private const int Blocks = 20_000;

    [Fact]
    public void Rank_Weights_GetTheirShareOfBlocks()
    {
        double[] weights = [1, 1, 2, 4];
        Placement placement = new([.. weights.Select((weight, i) => Node(i, weight: weight))]);
        Dictionary<NodeId, int> first = [];
        foreach (BlockId block in Ids(1))
        {
            NodeId best = placement.Rank(block)[0];
            first[best] = first.GetValueOrDefault(best) + 1;
        }

        for (int i = 0; i < weights.Length; i++)
        {
            double share = weights[i] / weights.Sum();
            Assert.InRange(first[Node(i).Id], Blocks * share * 0.93, Blocks * share * 1.07);
        }
    }

    [Fact]
    public void Rank_NodeJoins_BlocksMoveToItAlone()
    {
        for (int copies = 1; copies <= 3; copies++)
        {
            ClusterLayout before = new(copies, Enumerable.Range(0, 5).Select(i => Node(i, zone: $"z{i % 2}")));
            ClusterLayout after = new(copies, [.. before.Nodes, Node(5, zone: "z1")]);
            int moved = 0;
            foreach (BlockId block in Ids(2))
            {
                List<NodeId> gained = [.. after.TargetsOf(block).Except(before.TargetsOf(block))];
                Assert.True(gained.Count == 0 || gained is [var only] && only == Node(5).Id);
                moved += gained.Count;
            }

            // Within its zone of four, and never more than one copy of a block.
            Assert.InRange(moved, Blocks * copies / 12, Blocks * copies / 3);
        }
    }

    [Fact]
    public void Rank_NodeLeaves_TheOthersKeepTheirOrder()
    {
        ClusterLayout before = new(3, Enumerable.Range(0, 6).Select(i => Node(i)));
        ClusterLayout after = before.Without(new HashSet<NodeId> { Node(2).Id });
        foreach (BlockId block in Ids(3))
        {
            Assert.Equal(before.Rank(block).Where(id => id != Node(2).Id), after.Rank(block));
        }
    }

    [Fact]
    public void Rank_Zones_FirstCopiesLieInAllOfThem()
    {
        ClusterLayout layout = new(3, Enumerable.Range(0, 7).Select(i => Node(i, zone: i < 5 ? "big" : $"z{i}")));
        foreach (BlockId block in Ids(4))
        {
            Assert.Equal(3, layout.TargetsOf(block).Select(id => layout.Find(id)!.Zone).Distinct().Count());
        }
    }

    [Fact]
    public void Rank_SameNodesInAnotherOrder_IsTheSame()
    {
        ClusterLayout one = new(2, Enumerable.Range(0, 5).Select(i => Node(i)));
        ClusterLayout other = new(2, Enumerable.Range(0, 5).Reverse().Select(i => Node(i)));
        Assert.Equal(one.Fingerprint, other.Fingerprint);
        Assert.All(Ids(5).Take(100), block => Assert.Equal(one.Rank(block), other.Rank(block)));
        Assert.NotEqual(
            one.Fingerprint, new ClusterLayout(2, Enumerable.Range(0, 5).Select(i => Node(i, weight: 2))).Fingerprint);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 2)]
    [InlineData(5, 2)]
    public void Majority_SoManyNodes_IsOfTheCopiesThereCanBe(int nodes, int expected) =>
        Assert.Equal(expected, new ClusterLayout(3, Enumerable.Range(0, nodes).Select(i => Node(i))).Majority);

    private static ClusterNode Node(int i, double weight = 1, string zone = "") =>
        new(new NodeId($"{i:x32}"), $"s{i}", new Uri($"http://127.0.0.1:{i + 1}"), zone, weight, IsDraining: false);

    private static IEnumerable<BlockId> Ids(ulong seed)
    {
        SeededRandom random = new(seed);
        for (int i = 0; i < Blocks; i++)
        {
            yield return new BlockId(
                random.NextUInt64(), random.NextUInt64(), random.NextUInt64(), random.NextUInt64());
        }
    }
}

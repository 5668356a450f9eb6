using FsCheck;
using FsCheck.Fluent;
using Lepton.Core.Partitioning;

namespace Lepton.Core.Tests.Partitioning;

public sealed class ConsistentHashRingTests
{
    private const int KeyCount = 10_000;
    private static readonly Config s_heavy = Config.QuickThrowOnFailure.WithMaxTest(25);
    private static readonly Arbitrary<int> s_nodeCounts = Gen.Choose(1, 12).ToArbitrary();

    [Fact]
    public void Add_OneNode_MovesItsShareOfTheKeysAndOnlyToIt() =>
        Prop.ForAll(s_nodeCounts, Gen.Choose(0, 1000).ToArbitrary(), (count, salt) =>
        {
            ConsistentHashRing before = Ring(count, salt);
            ConsistentHashRing after = before.Add(new RingNode($"new-{salt}"));
            int moved = 0;
            for (int key = 0; key < KeyCount; key++)
            {
                string node = after.Locate(key);
                if (node != before.Locate(key))
                {
                    Assert.Equal($"new-{salt}", node);
                    moved++;
                }
            }

            double share = 1.0 / (count + 1);
            Assert.InRange(moved, KeyCount * share * 0.6, KeyCount * share * 1.4);
        }).Check(s_heavy);

    [Fact]
    public void Remove_OneNode_MovesOnlyItsKeysAndUndoesAdd() => Prop.ForAll(s_nodeCounts, count =>
    {
        ConsistentHashRing before = Ring(count + 1, 0);
        ConsistentHashRing after = before.Remove("node-0-0");
        for (int key = 0; key < KeyCount; key++)
        {
            string node = before.Locate(key);
            if (node != "node-0-0")
            {
                Assert.Equal(node, after.Locate(key));
            }
        }

        ConsistentHashRing back = after.Add(new RingNode("node-0-0"));
        Assert.Equal(
            Enumerable.Range(0, 1000).Select(key => before.Locate(key)),
            Enumerable.Range(0, 1000).Select(key => back.Locate(key)));
    }).Check(s_heavy);

    [Fact]
    public void Locate_Weights_AreFollowed()
    {
        ConsistentHashRing ring = new([new("a", 1), new("b", 2), new("c", 5), new("d", 0.5)]);
        Dictionary<string, int> counts = [];
        const int Keys = 200_000;
        for (int key = 0; key < Keys; key++)
        {
            string node = ring.Locate(key);
            counts[node] = counts.GetValueOrDefault(node) + 1;
        }

        foreach (RingNode node in ring.Nodes)
        {
            double share = Keys * node.Weight / 8.5;
            Assert.InRange(counts[node.Name], share * 0.8, share * 1.2);
        }
    }

    /// <summary>These are fixed for good: stored blocks were placed by them.</summary>
    [Fact]
    public void Locate_KnownRing_NeverChanges()
    {
        ConsistentHashRing ring = new([new("a"), new("b"), new("c")]);
        Assert.Equal(
            "bacaabcaaabbababaaccacbaccacbabacaabcbcb",
            string.Concat(Enumerable.Range(0, 40).Select(key => ring.Locate(key))));
    }

    [Fact]
    public void Locate_NodesInAnotherOrder_IsTheSameRing()
    {
        ConsistentHashRing forward = new([new("a"), new("b", 2), new("c")]);
        ConsistentHashRing backward = new([new("c"), new("b", 2), new("a")]);
        Assert.Equal(
            Enumerable.Range(0, 1000).Select(key => forward.Locate(key)),
            Enumerable.Range(0, 1000).Select(key => backward.Locate(key)));
    }

    [Fact]
    public void Locate_Replicas_AreDifferentNodesAndStartWithTheOwner()
    {
        ConsistentHashRing ring = Ring(5, 3);
        for (int key = 0; key < 1000; key++)
        {
            string[] nodes = ring.Locate(key, 3);
            Assert.Equal(3, nodes.Distinct().Count());
            Assert.Equal(ring.Locate(key), nodes[0]);
        }

        Assert.Equal(5, ring.Locate("any", 5).Distinct().Count());
    }

    [Fact]
    public void Locate_OwnerRemoved_SecondReplicaTakesOver()
    {
        ConsistentHashRing ring = Ring(5, 4);
        for (int key = 0; key < 200; key++)
        {
            string[] nodes = ring.Locate(key, 2);
            Assert.Equal(nodes[1], ring.Remove(nodes[0]).Locate(key));
        }
    }

    [Fact]
    public void LocateIndex_ExtremeHashes_WrapAround()
    {
        ConsistentHashRing ring = Ring(3, 5);
        Assert.Equal(ring.LocateIndex(0), ring.LocateIndex(ulong.MaxValue));
    }

    [Fact]
    public void Assign_AnyKeysAndFactor_KeepsTheBound() => Prop.ForAll(
        s_nodeCounts, Gen.Choose(0, 2000).ToArbitrary(), Gen.Choose(0, 100).ToArbitrary(), (count, keyCount, percent) =>
        {
            double factor = 1 + (percent / 100.0);
            RingNode[] nodes = [.. Enumerable.Range(0, count).Select(i => new RingNode($"n{i}", 1 + (i % 3)))];
            double total = nodes.Sum(node => node.Weight);
            ConsistentHashRing ring = new(nodes, 32);
            int[] loads = new int[count];
            foreach (int index in ring.Assign<int>([.. Enumerable.Range(0, keyCount)], factor))
            {
                loads[index]++;
            }

            Assert.Equal(keyCount, loads.Sum());
            for (int i = 0; i < count; i++)
            {
                Assert.InRange(loads[i], 0, Math.Ceiling((factor * keyCount * (ring.Nodes[i].Weight / total)) + 1e-9));
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Assign_WithoutBound_IsLocate()
    {
        ConsistentHashRing ring = Ring(6, 6);
        int[] keys = [.. Enumerable.Range(0, 1000)];
        Assert.Equal(
            keys.Select(key => ring.Locate(key)),
            ring.Assign<int>(keys, double.PositiveInfinity).Select(index => ring.Nodes[index].Name));
    }

    [Fact]
    public void Assign_KeysInAnotherOrder_GivesEachKeyTheSameNode()
    {
        ConsistentHashRing ring = Ring(6, 7);
        int[] keys = [.. Enumerable.Range(0, 1000)];
        int[] forward = ring.Assign<int>(keys, 1.05);
        int[] backward = ring.Assign<int>([.. keys.Reverse()], 1.05);
        Assert.Equal(forward, backward.Reverse());
    }

    [Fact]
    public void Assign_SameKeyForAll_SpillsOverInsteadOfOverloading()
    {
        ConsistentHashRing ring = Ring(4, 8);
        int[] assigned = ring.Assign<string>([.. Enumerable.Repeat("hot", 100)], 1.0);
        Assert.All(assigned.GroupBy(index => index), group => Assert.Equal(25, group.Count()));
    }

    [Fact]
    public void Assign_NodeAdded_MovesFarLessThanAHashModuloWould()
    {
        ConsistentHashRing before = Ring(10, 9);
        ConsistentHashRing after = before.Add(new RingNode("one-more"));
        int[] keys = [.. Enumerable.Range(0, 10_000)];
        IEnumerable<string> old = before.Assign<int>(keys).Select(index => before.Nodes[index].Name);
        IEnumerable<string> now = after.Assign<int>(keys).Select(index => after.Nodes[index].Name);
        Assert.InRange(old.Zip(now).Count(pair => pair.First != pair.Second), 1, 2500);
    }

    [Fact]
    public void Partitioner_Ring_GivesTheIndexOfTheNode()
    {
        ConsistentHashRing ring = Ring(4, 10);
        ConsistentHashPartitioner<string> partitioner = new(ring);
        Assert.Equal(4, partitioner.PartitionCount);
        Assert.Equal(ring.Locate("some key"), ring.Nodes[partitioner.PartitionOf("some key")].Name);
    }

    [Fact]
    public void Constructor_BadNodes_NamesAllFaultsTogether()
    {
        ArgumentException fault = Assert.Throws<ArgumentException>(
            () => new ConsistentHashRing([new("a"), new("a"), new("b", 0), new("c", double.NaN), new("")]));
        Assert.Contains("a node has no name", fault.Message, StringComparison.Ordinal);
        Assert.Contains("node \"a\" comes twice", fault.Message, StringComparison.Ordinal);
        Assert.Contains("node \"b\" has weight 0", fault.Message, StringComparison.Ordinal);
        Assert.Contains("node \"c\" has weight NaN", fault.Message, StringComparison.Ordinal);
        Assert.Contains("above 0, such as 1", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_TooManyPoints_SaysSo()
    {
        Assert.Contains(
            "make more than 16777216 points",
            Assert.Throws<ArgumentException>(() => new ConsistentHashRing([new("a", 1e9)])).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "it must be at least 1",
            Assert.Throws<ArgumentOutOfRangeException>(() => new ConsistentHashRing([], 0)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_TinyWeight_StillHasAPoint() =>
        Assert.Equal("tiny", new ConsistentHashRing([new("tiny", 1e-9)]).Locate(1));

    [Fact]
    public void Ring_Empty_SaysToAddANode()
    {
        ConsistentHashRing empty = new([]);
        Assert.Contains(
            "Add a node first",
            Assert.Throws<InvalidOperationException>(() => empty.Locate(1)).Message,
            StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => empty.Assign<int>([1]));
        Assert.Empty(empty.Assign<int>([]));
        Assert.Contains(
            "Add at least one",
            Assert.Throws<ArgumentException>(() => new ConsistentHashPartitioner<int>(empty)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Ring_BadRequests_SayWhatIsWrong()
    {
        ConsistentHashRing ring = new([new("a"), new("b")]);
        Assert.Contains(
            "no node named \"x\" to remove. Its nodes: a, b",
            Assert.Throws<ArgumentException>(() => ring.Remove("x")).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "3 replicas on different nodes were asked for, but the ring has 2 nodes",
            Assert.Throws<ArgumentOutOfRangeException>(() => ring.Locate(1, 3)).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => ring.Locate(1, 0));
        Assert.Contains(
            "The capacity factor is 0.5: below 1",
            Assert.Throws<ArgumentOutOfRangeException>(() => ring.Assign<int>([1], 0.5)).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => ring.Assign<int>([1], double.NaN));
        Assert.Contains(
            "node \"a\" comes twice",
            Assert.Throws<ArgumentException>(() => ring.Add(new RingNode("a"))).Message,
            StringComparison.Ordinal);
    }

    private static ConsistentHashRing Ring(int count, int salt) =>
        new(Enumerable.Range(0, count).Select(i => new RingNode($"node-{salt}-{i}")));
}

using System.Globalization;
using Lepton.Core.Hashing;

namespace Lepton.Core.Partitioning;

/// <summary>
/// Consistent hashing (Karger et al. 1997): each node stands at many points of a ring of 2^64 hashes, and a key
/// belongs to the node at the first point at or after its own hash. Adding or removing one of n nodes moves about 1/n
/// of the keys, all of them to or from that node. Immutable and thread safe; two rings of the same nodes are the same
/// ring, in whatever order they were added.
/// </summary>
public sealed class ConsistentHashRing
{
    /// <summary>
    /// Points of a node of weight 1 unless asked otherwise: shares then stray from the weights by about 6%.
    /// </summary>
    public const int PointsPerWeightDefault = 256;

    private const int PointsMax = 1 << 24;
    private readonly string[] _names;
    private readonly double[] _weights;
    private readonly int _pointsPerWeight;
    private readonly ulong[] _points;
    private readonly int[] _owners;

    /// <summary>Makes a ring. O(points × log points).</summary>
    /// <param name="nodes">The nodes, in any order; may be empty.</param>
    /// <param name="pointsPerWeight">
    /// Points on the ring for each unit of weight; every node has at least one. Shares stray from the weights by
    /// about 1/√points.
    /// </param>
    /// <exception cref="ArgumentException">
    /// A name is empty or comes twice, a weight is not above 0, or the points are too many.
    /// </exception>
    public ConsistentHashRing(IEnumerable<RingNode> nodes, int pointsPerWeight = PointsPerWeightDefault)
    {
        RingNode[] sorted = [.. nodes.OrderBy(node => node.Name, StringComparer.Ordinal)];
        Validate(sorted, pointsPerWeight);
        _names = [.. sorted.Select(node => node.Name)];
        _weights = [.. sorted.Select(node => node.Weight)];
        _pointsPerWeight = pointsPerWeight;
        (_points, _owners) = Place(sorted, pointsPerWeight);
    }

    /// <summary>The number of nodes.</summary>
    public int NodeCount => _names.Length;

    /// <summary>
    /// The nodes, sorted by name (ordinal); their indexes here are what <see cref="LocateIndex"/> gives.
    /// </summary>
    public IReadOnlyList<RingNode> Nodes => [.. _names.Zip(_weights, (name, weight) => new RingNode(name, weight))];

    /// <summary>This ring with <paramref name="node"/> too.</summary>
    /// <exception cref="ArgumentException">As for the constructor.</exception>
    public ConsistentHashRing Add(RingNode node) => new(Nodes.Append(node), _pointsPerWeight);

    /// <summary>This ring without the node of that name.</summary>
    /// <exception cref="ArgumentException">No node has that name.</exception>
    public ConsistentHashRing Remove(string name)
    {
        if (Array.BinarySearch(_names, name, StringComparer.Ordinal) < 0)
        {
            throw new ArgumentException(
                $"The ring has no node named \"{name}\" to remove. Its nodes: {string.Join(", ", _names)}.",
                nameof(name));
        }

        return new ConsistentHashRing(
            Nodes.Where(node => !string.Equals(node.Name, name, StringComparison.Ordinal)), _pointsPerWeight);
    }

    /// <summary>The name of the node that <paramref name="key"/> belongs to. O(log points).</summary>
    /// <exception cref="InvalidOperationException">The ring is empty.</exception>
    public string Locate<TKey>(TKey key) => _names[LocateIndex(StableHash.Of(key))];

    /// <summary>
    /// The names of the first <paramref name="replicas"/> different nodes at or after the key's hash; the first is what
    /// <see cref="Locate{TKey}(TKey)"/> gives.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The ring has fewer nodes than that, or less than 1 was asked for.
    /// </exception>
    public string[] Locate<TKey>(TKey key, int replicas)
    {
        if (replicas < 1 || replicas > NodeCount)
        {
            throw new ArgumentOutOfRangeException(
                nameof(replicas), replicas, $"{replicas} replicas on different nodes were asked for, but the " +
                $"ring has {NodeCount} nodes: ask for 1 up to that, or add nodes.");
        }

        List<int> found = new(replicas);
        for (int point = FirstPoint(StableHash.Of(key)); found.Count < replicas; point = Next(point))
        {
            if (!found.Contains(_owners[point]))
            {
                found.Add(_owners[point]);
            }
        }

        return [.. found.Select(index => _names[index])];
    }

    /// <summary>
    /// The index in <see cref="Nodes"/> of the node that a key with this hash belongs to. O(log points).
    /// </summary>
    /// <param name="keyHash">As <see cref="StableHash.Of{T}"/> gives it; any evenly spread hash will do.</param>
    /// <exception cref="InvalidOperationException">The ring is empty.</exception>
    public int LocateIndex(ulong keyHash) => _owners[FirstPoint(keyHash)];

    /// <summary>
    /// Consistent hashing with bounded loads (Mirrokni, Thorup, Zadimoghaddam 2016): gives each key to the first node
    /// at or after its hash that still has room, so that no node has more than ceil(c × keys × its share of the
    /// weight). Depends on the set of keys, not on their order; equal keys count one by one and may go to different
    /// nodes. O(keys × log(keys × points)).
    /// </summary>
    /// <param name="keys">What to assign.</param>
    /// <param name="capacityFactor">
    /// c, at least 1. Near 1 loads are even and many keys move when a node comes or goes; 1.25 is a good start,
    /// infinity means no bound.
    /// </param>
    /// <returns>For each key the index of its node in <see cref="Nodes"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="capacityFactor"/> is below 1 or not a number.
    /// </exception>
    /// <exception cref="InvalidOperationException">The ring is empty and the keys are not.</exception>
    public int[] Assign<TKey>(ReadOnlySpan<TKey> keys, double capacityFactor = 1.25)
    {
        if (!(capacityFactor >= 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(capacityFactor), capacityFactor, string.Create(CultureInfo.InvariantCulture,
                    $"The capacity factor is {capacityFactor}: below 1 the nodes have no room for all keys. " +
                    $"Give 1 or more, such as 1.25."));
        }

        ulong[] hashes = new ulong[keys.Length];
        ulong[] turns = new ulong[keys.Length];
        int[] order = new int[keys.Length];
        for (int i = 0; i < keys.Length; i++)
        {
            // Keys take turns in an order of their own: in the ring's order each overflow would push on the next
            // node's keys.
            hashes[i] = StableHash.Of(keys[i]);
            turns[i] = StableHash.Mix(hashes[i]);
            order[i] = i;
        }

        turns.AsSpan().Sort(order.AsSpan());
        long[] room = Capacities(keys.Length, capacityFactor);
        int[] assigned = new int[keys.Length];
        foreach (int i in order)
        {
            int point = FirstPoint(hashes[i]);
            while (room[_owners[point]] == 0)
            {
                point = Next(point);
            }

            assigned[i] = _owners[point];
            room[_owners[point]]--;
        }

        return assigned;
    }

    /// <summary>The most keys that <see cref="Assign{TKey}"/> gives each node.</summary>
    internal long[] Capacities(int keyCount, double capacityFactor)
    {
        double total = _weights.Sum();
        return [.. _weights.Select(
            weight => (long)Math.Min(Math.Ceiling(capacityFactor * keyCount * (weight / total)), keyCount))];
    }

    private static void Validate(RingNode[] nodes, int pointsPerWeight)
    {
        if (pointsPerWeight < 1)
        {
            throw new ArgumentOutOfRangeException(
                nameof(pointsPerWeight), pointsPerWeight, 
                $"{pointsPerWeight} points for each unit of weight were asked for: it must be at least 1.");
        }

        List<string> faults = [];
        for (int i = 0; i < nodes.Length; i++)
        {
            (string name, double weight) = nodes[i];
            if (string.IsNullOrEmpty(name))
            {
                faults.Add("a node has no name");
            }
            else if (i > 0 && string.Equals(nodes[i - 1].Name, name, StringComparison.Ordinal))
            {
                faults.Add($"node \"{name}\" comes twice");
            }

            if (!(weight > 0) || double.IsInfinity(weight))
            {
                faults.Add(string.Create(CultureInfo.InvariantCulture, $"node \"{name}\" has weight {weight}"));
            }
        }

        if (faults.Count == 0 && nodes.Sum(node => Math.Max(1, node.Weight * pointsPerWeight)) > PointsMax)
        {
            faults.Add(string.Create(CultureInfo.InvariantCulture,
                $"weights that sum to {nodes.Sum(node => node.Weight)} with {pointsPerWeight} points for each unit " +
                $"make more than {PointsMax} points"));
        }

        if (faults.Count > 0)
        {
            throw new ArgumentException(
                $"A ring can't be made: {string.Join("; ", faults)}. Names must be different and weights finite " +
                "numbers above 0, such as 1.",
                nameof(nodes));
        }
    }

    private static (ulong[] Points, int[] Owners) Place(RingNode[] sorted, int pointsPerWeight)
    {
        List<(ulong Point, int Owner)> placed = [];
        for (int owner = 0; owner < sorted.Length; owner++)
        {
            ulong name = StableHash.OfString(sorted[owner].Name);
            long count = Math.Max(1, (long)Math.Round(sorted[owner].Weight * pointsPerWeight));
            for (long i = 0; i < count; i++)
            {
                placed.Add((StableHash.Combine(name, (ulong)i), owner));
            }
        }

        // Two nodes at one point: the name that sorts first has it. Both always sort the same way, so removing others
        // changes nothing.
        placed.Sort();
        return ([.. placed.Select(entry => entry.Point)], [.. placed.Select(entry => entry.Owner)]);
    }

    private int FirstPoint(ulong keyHash)
    {
        if (_points.Length == 0)
        {
            throw new InvalidOperationException("The ring has no nodes, so no key can be located. Add a node first.");
        }

        int low = 0;
        int high = _points.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_points[middle] < keyHash)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low == _points.Length ? 0 : low;
    }

    private int Next(int point) => point + 1 == _points.Length ? 0 : point + 1;
}

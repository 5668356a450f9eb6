using Lepton.Compute.Functions;
using Lepton.Compute.Plans;
using Lepton.Compute.Shuffle;
using Lepton.Core.Hashing;
using Lepton.Core.Partitioning;
using Lepton.Objects;

namespace Lepton.Compute.Datasets;

/// <summary>
/// A distributed, lazy sequence with LINQ's names. Operators only describe; the actions (<c>…Async</c>) compute, on the
/// session's workers, a task for each partition. Immutable and thread safe; the same description can be computed any
/// number of times.
/// </summary>
/// <remarks>
/// Functions given to operators run on workers: they are sent with what they capture, by value. They may be called
/// again after a failure, so they must give the same result for the same input.
/// </remarks>
/// <typeparam name="T">The records: anything the record codec can carry, where records cross a shuffle or reach the
/// driver.</typeparam>
[Unsendable("A data set can't be used inside a function that runs on workers. Join the two, or collect the small " +
    "one with ToListAsync and capture the list.")]
public class Dataset<T>
{
    // Nobody outside derives from it, so that every data set is one that the planner knows.
    internal Dataset(LeptonSession session, PlanNode<T> node)
    {
        Session = session;
        Node = node;
    }

    /// <summary>The session that computes it.</summary>
    public LeptonSession Session { get; }

    internal PlanNode<T> Node { get; }

    /// <summary>What an action on it is called.</summary>
    internal string JobName(string otherwise) => Node is INamed named ? named.Name : otherwise;

    /// <summary>Maps each record.</summary>
    public Dataset<TOut> Select<TOut>(Func<T, TOut> selector)
    {
        ArgumentNullException.ThrowIfNull(selector);
        return With(new SelectNode<T, TOut>(Node, selector));
    }

    /// <summary>Maps each record to any number of records.</summary>
    public Dataset<TOut> SelectMany<TOut>(Func<T, IEnumerable<TOut>> selector)
    {
        ArgumentNullException.ThrowIfNull(selector);
        return With(new SelectManyNode<T, TOut>(Node, selector));
    }

    /// <summary>Keeps the records for which <paramref name="predicate"/> holds.</summary>
    public Dataset<T> Where(Func<T, bool> predicate)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        return With(new WhereNode<T>(Node, predicate));
    }

    /// <summary>
    /// Maps whole partitions: the place to open a connection or load a model once for many records. The input can be
    /// enumerated once.
    /// </summary>
    public Dataset<TOut> SelectPartition<TOut>(Func<IEnumerable<T>, IEnumerable<TOut>> selector)
    {
        ArgumentNullException.ThrowIfNull(selector);
        return With(new SelectPartitionNode<T, TOut>(Node, (records, _) => selector(records)));
    }

    /// <inheritdoc cref="SelectPartition{TOut}(Func{IEnumerable{T}, IEnumerable{TOut}})"/>
    public Dataset<TOut> SelectPartition<TOut>(Func<IEnumerable<T>, PartitionContext, IEnumerable<TOut>> selector)
    {
        ArgumentNullException.ThrowIfNull(selector);
        return With(new SelectPartitionNode<T, TOut>(Node, selector));
    }

    /// <summary>The records of this data set, then those of <paramref name="others"/>; duplicates stay (SQL's UNION
    /// ALL).</summary>
    public Dataset<T> Union(params Dataset<T>[] others)
    {
        ArgumentNullException.ThrowIfNull(others);
        if (others.Contains(null!))
        {
            throw new ArgumentException("Union takes data sets, and one of those given is null.", nameof(others));
        }

        if (others.Any(other => other.Session != Session))
        {
            throw new ArgumentException("Union takes data sets of one session only. Read the other one in this " +
                "session.", nameof(others));
        }

        return With(new UnionNode<T>([Node, .. others.Select(other => other.Node)]));
    }

    /// <summary>
    /// Keeps each record with the given probability, 0 to 1. The choice depends on the seed, the partition and the
    /// record's place in it.
    /// </summary>
    public Dataset<T> Sample(double fraction, ulong seed)
    {
        if (!(fraction is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(fraction), fraction, "A fraction lies between 0 and 1.");
        }

        return With(new SampleNode<T>(Node, fraction, seed));
    }

    /// <summary>
    /// Each record once, by value (SQL's DISTINCT), through a shuffle with map-side combining. Records are keys here,
    /// as <see cref="KeyedOperators"/> describes them.
    /// </summary>
    /// <exception cref="UnusableKeyException">The records are not equal by value: arrays, for example.</exception>
    public Dataset<T> Distinct(int? partitions = null)
    {
        Dataset<KeyValuePair<T, byte>> keyed = this.AggregateByKey<T, T, byte>(
            static record => record, static _ => 0, static (state, _) => state, static (state, _) => state,
            partitions, "Distinct");
        return With(new SelectNode<KeyValuePair<T, byte>, T>(keyed.Node, static entry => entry.Key));
    }

    /// <summary>Deals the records out to so many partitions, evenly, through a shuffle. With 1, their order is
    /// kept.</summary>
    /// <param name="partitions">From 1 to 65,536, as everywhere.</param>
    public Dataset<T> Repartition(int partitions)
    {
        PartitionCounts.Check(partitions);
        var edge = new ShuffleEdge<T>(Session.NextId(), Node, static count => new RoundRobinMapper<T>(count));
        return With(new PassNode<T>(edge, partitions, "Repartition"));
    }

    /// <summary>Sends each record to the partition that <paramref name="partitioner"/> gives its key.</summary>
    public Dataset<T> PartitionBy<TKey>(Func<T, TKey> key, IPartitioner<TKey> partitioner)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(partitioner);
        PartitionCounts.Check(partitioner.PartitionCount, nameof(partitioner));
        var edge = new ShuffleEdge<T>(Session.NextId(), Node, _ => new PartitionMapper<T, TKey>(key, partitioner));
        return With(new PassNode<T>(edge, partitioner.PartitionCount, "PartitionBy"));
    }

    /// <summary>
    /// Keeps the partitions where they were computed, in the workers' memory and then on their disks, for the next
    /// action. What is lost with a worker is computed again. Records that come from a cache are shared: don't change
    /// them. <see cref="UncacheAsync"/> frees them.
    /// </summary>
    public Dataset<T> Cache() =>
        Node is ICached ? this : With(new CacheNode<T>(Session.NextId(), Node));

    /// <summary>
    /// Frees what <see cref="Cache"/> keeps. Actions that run at that moment keep nothing more; the next one fills the
    /// cache anew.
    /// </summary>
    /// <exception cref="InvalidOperationException">This is not the data set that Cache gave.</exception>
    public Task UncacheAsync()
    {
        PlanNode node = Node;
        while (node is INamed)
        {
            // Naming changes nothing else.
            node = node.Parents[0];
        }

        return node is ICached cached
            ? Session.ReleaseCacheAsync(cached.Renew(Session.NextId()))
            : throw new InvalidOperationException(
                $"The data set '{Node.Label}' keeps nothing: Cache was not called last on it. Call UncacheAsync on " +
                "the data set that Cache gave.");
    }

    /// <summary>
    /// Names the work up to here, instead of listing its steps, in progress, event log and report; and the job, where
    /// an action follows. It changes nothing else.
    /// </summary>
    public Dataset<T> Named(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return With(new NamedNode<T>(Node, name));
    }

    /// <summary>
    /// Saves the partitions to files under <paramref name="directory"/> at the first action, and reads them from there
    /// from then on, in later sessions too: the lineage before it is not computed again. Saved all or nothing. The
    /// directory can be <c>s3://bucket/folder</c>.
    /// </summary>
    public Dataset<T> Checkpoint(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        return With(new CheckpointNode<T>(
            Node, ObjectUrl.IsUrl(directory) ? directory : Path.GetFullPath(directory)));
    }

    internal Dataset<TOut> With<TOut>(PlanNode<TOut> node) => new(Session, node);
}

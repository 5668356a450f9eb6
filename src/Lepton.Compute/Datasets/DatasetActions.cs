using System.Numerics;
using Lepton.Compute.Execution;
using Lepton.Compute.Plans;
using Lepton.Compute.Session;

namespace Lepton.Compute.Datasets;

/// <summary>
/// Actions: they compute a data set and bring a result to the caller. Each throws what user code threw on a worker,
/// as it was thrown; <see cref="TaskFailure.Of"/>
/// tells the task. Cancelling the token stops the workers' tasks promptly.
/// </summary>
public static class DatasetActions
{
    private const int TreeFanIn = 16;

    /// <summary>The number of records.</summary>
    public static async Task<long> CountAsync<T>(this Dataset<T> source, CancellationToken cancellation = default)
    {
        long[] counts = await RunAsync(
            source, "Count", static (records, context) => Count(records, context), cancellation).ConfigureAwait(false);
        return counts.Sum();
    }

    /// <summary>
    /// Folds all records: each partition by itself, then the partitions' states in their order, by a tree of tasks
    /// where there are many.
    /// </summary>
    /// <param name="source">The records.</param>
    /// <param name="seed">
    /// Gives a fresh state, one for each partition: it must be neutral to <paramref name="merge"/>.
    /// </param>
    /// <param name="accumulate">Folds one record in; may change the state in place and return it.</param>
    /// <param name="merge">Merges two states, the earlier first; must be associative.</param>
    /// <param name="cancellation">Cancels the job.</param>
    public static async Task<TState> AggregateAsync<T, TState>(
        this Dataset<T> source,
        Func<TState> seed,
        Func<TState, T, TState> accumulate,
        Func<TState, TState, TState> merge,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(seed);
        ArgumentNullException.ThrowIfNull(accumulate);
        ArgumentNullException.ThrowIfNull(merge);
        Dataset<TState> partials = source.SelectPartition(
            (records, context) => Fold(records, seed, accumulate, context.Cancellation));
        await using ActionScope scope = source.Session.BeginAction(source.JobName("Aggregate"));
        await scope.PrepareAsync(partials.Node, cancellation).ConfigureAwait(false);
        int count = partials.Node.PartitionCount;
        while (count > TreeFanIn)
        {
            count = (count + TreeFanIn - 1) / TreeFanIn;
            partials = Merged(partials, count, merge);
        }

        TState[][] states = await scope.RunAsync(
            partials.Node, static (records, _) => records.ToArray(), cancellation).ConfigureAwait(false);
        TState[] all = [.. states.SelectMany(part => part)];
        return all.Length == 0 ? seed() : all.Aggregate(merge);
    }

    /// <summary>All records, in the order of the partitions. They must fit into the caller's memory.</summary>
    public static async Task<List<T>> ToListAsync<T>(this Dataset<T> source, CancellationToken cancellation = default)
    {
        T[][] parts = await RunAsync(
            source, "ToList", static (records, _) => records.ToArray(), cancellation).ConfigureAwait(false);
        var all = new List<T>(parts.Sum(part => part.Length));
        foreach (T[] part in parts)
        {
            all.AddRange(part);
        }

        return all;
    }

    /// <inheritdoc cref="ToListAsync{T}"/>
    public static async Task<T[]> ToArrayAsync<T>(this Dataset<T> source, CancellationToken cancellation = default) =>
        [.. await source.ToListAsync(cancellation).ConfigureAwait(false)];

    /// <summary>All pairs as a dictionary. They must fit into the caller's memory.</summary>
    /// <exception cref="ArgumentException">A key occurs twice, or is null.</exception>
    public static async Task<Dictionary<TKey, TValue>> ToDictionaryAsync<TKey, TValue>(
        this Dataset<KeyValuePair<TKey, TValue>> source, CancellationToken cancellation = default)
        where TKey : notnull
    {
        List<KeyValuePair<TKey, TValue>> pairs = await source.ToListAsync(cancellation).ConfigureAwait(false);
        var values = new Dictionary<TKey, TValue>(pairs.Count);
        foreach ((TKey key, TValue value) in pairs)
        {
            if (key is null)
            {
                throw new ArgumentException($"A key of the data set '{source.Node.Label}' is null, which no " +
                    "Dictionary can hold. Leave it out with Where, or use ToListAsync.", nameof(source));
            }

            if (!values.TryAdd(key, value))
            {
                throw new ArgumentException($"The key '{key}' occurs twice in the data set '{source.Node.Label}'. " +
                    "Bring the values of each key together first, by ReduceByKey or GroupBy.", nameof(source));
            }
        }

        return values;
    }

    /// <summary>The first records, in the order of the partitions. Only as many partitions as needed are
    /// computed.</summary>
    public static async Task<List<T>> TakeAsync<T>(
        this Dataset<T> source, int count, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var taken = new List<T>();
        await using ActionScope scope = source.Session.BeginAction(source.JobName("Take"));
        await scope.PrepareAsync(source.Node, cancellation).ConfigureAwait(false);
        int next = 0;
        for (int width = 1; taken.Count < count && next < source.Node.PartitionCount; width *= 4)
        {
            int[] partitions = [.. Enumerable.Range(next, Math.Min(width, source.Node.PartitionCount - next))];
            next += partitions.Length;
            int missing = count - taken.Count;
            T[][] parts = await scope.RunAsync(
                new SubsetNode<T>(source.Node, partitions),
                (records, _) => records.Take(missing).ToArray(),
                cancellation).ConfigureAwait(false);
            taken.AddRange(parts.SelectMany(part => part).Take(missing));
        }

        return taken;
    }

    /// <summary>The first record.</summary>
    /// <exception cref="EmptyDatasetException">There is none.</exception>
    public static async Task<T> FirstAsync<T>(this Dataset<T> source, CancellationToken cancellation = default)
    {
        List<T> first = await source.TakeAsync(1, cancellation).ConfigureAwait(false);
        return first.Count > 0
            ? first[0]
            : throw new EmptyDatasetException("The data set is empty, so it has no first record. Use " +
                "TakeAsync(1) where that may be.");
    }

    /// <summary>Calls <paramref name="action"/> with each record, on the workers. It may be called again after a
    /// failure.</summary>
    public static Task ForEachAsync<T>(this Dataset<T> source, Action<T> action,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(action);
        return RunAsync(
            source, "ForEach",
            (records, context) =>
            {
                foreach (T record in records)
                {
                    context.Cancellation.ThrowIfCancellationRequested();
                    action(record);
                }

                return true;
            },
            cancellation);
    }

    /// <summary>
    /// Calls an asynchronous <paramref name="action"/> with each record, on the workers, and waits for each call before
    /// the next of its partition. It may be called again after a failure.
    /// </summary>
    public static Task ForEachAsync<T>(this Dataset<T> source, Func<T, Task> action,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(action);

        // A task has a thread of its own, which has nothing else to do meanwhile.
        return source.ForEachAsync(record => action(record).GetAwaiter().GetResult(), cancellation);
    }

    /// <summary>The sum of the numbers; 0 of none.</summary>
    public static Task<TNumber> SumAsync<TNumber>(
        this Dataset<TNumber> source, CancellationToken cancellation = default)
        where TNumber : INumberBase<TNumber> => source.SumAsync(static number => number, cancellation);

    /// <summary>The sum of a number of each record.</summary>
    public static Task<TNumber> SumAsync<T, TNumber>(
        this Dataset<T> source, Func<T, TNumber> number, CancellationToken cancellation = default)
        where TNumber : INumberBase<TNumber>
    {
        ArgumentNullException.ThrowIfNull(number);
        return source.AggregateAsync(
            static () => TNumber.Zero, (sum, record) => sum + number(record), static (a, b) => a + b, cancellation);
    }

    /// <summary>The smallest record; null is none.</summary>
    /// <exception cref="EmptyDatasetException">There is none.</exception>
    public static Task<T> MinAsync<T>(this Dataset<T> source, CancellationToken cancellation = default) =>
        source.MinAsync(static record => record, cancellation);

    /// <summary>The largest record; null is none.</summary>
    /// <exception cref="EmptyDatasetException">There is none.</exception>
    public static Task<T> MaxAsync<T>(this Dataset<T> source, CancellationToken cancellation = default) =>
        source.MaxAsync(static record => record, cancellation);

    /// <summary>The smallest key among the records; null is none.</summary>
    /// <exception cref="InvalidOperationException">There is no record with a key.</exception>
    public static Task<TKey> MinAsync<T, TKey>(
        this Dataset<T> source, Func<T, TKey> key, CancellationToken cancellation = default) =>
        ExtremeAsync(source, key, descending: false, cancellation);

    /// <summary>The largest key among the records; null is none.</summary>
    /// <exception cref="InvalidOperationException">There is no record with a key.</exception>
    public static Task<TKey> MaxAsync<T, TKey>(
        this Dataset<T> source, Func<T, TKey> key, CancellationToken cancellation = default) =>
        ExtremeAsync(source, key, descending: true, cancellation);

    /// <summary>Computes every partition and gives what <paramref name="function"/> makes of each, in order.</summary>
    internal static async Task<TResult[]> RunAsync<T, TResult>(
        Dataset<T> source,
        string name,
        Func<IEnumerable<T>, TaskContext, TResult> function,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(source);
        await using ActionScope scope = source.Session.BeginAction(source.JobName(name));
        return await scope.RunAsync(source.Node, function, cancellation).ConfigureAwait(false);
    }

    private static async Task<TKey> ExtremeAsync<T, TKey>(
        Dataset<T> source, Func<T, TKey> key, bool descending, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(key);
        var order = new Shuffle.KeyComparer<TKey>(descending);
        Held<TKey> extreme = await source.AggregateAsync(
            static () => default(Held<TKey>),
            (held, record) => key(record) is { } found ? Least(held, new Held<TKey>(found), order) : held,
            (first, second) => Least(first, second, order),
            cancellation).ConfigureAwait(false);
        return extreme.HasValue
            ? extreme.Value
            : throw new EmptyDatasetException(
                "The data set is empty, or all of its keys are null, so it has no smallest or largest key.");
    }

    private static Held<TKey> Least<TKey>(Held<TKey> first, Held<TKey> second, Shuffle.KeyComparer<TKey> order) =>
        !first.HasValue ? second
        : !second.HasValue ? first
        : order.Compare(second.Value, first.Value) < 0 ? second : first;

    private static Dataset<TState> Merged<TState>(
        Dataset<TState> partials, int count, Func<TState, TState, TState> merge)
    {
        var edge = new ShuffleEdge<TState>(
            partials.Session.NextId(), partials.Node, static _ => new Shuffle.FanInMapper<TState>(TreeFanIn));
        return partials.With(new PassNode<TState>(edge, count, "Merge"))
            .SelectPartition((states, context) => MergeAll(states, merge, context.Cancellation));
    }

    private static IEnumerable<TState> MergeAll<TState>(
        IEnumerable<TState> states, Func<TState, TState, TState> merge, CancellationToken cancellation)
    {
        using IEnumerator<TState> rest = states.GetEnumerator();
        if (!rest.MoveNext())
        {
            yield break;
        }

        TState merged = rest.Current;
        while (rest.MoveNext())
        {
            cancellation.ThrowIfCancellationRequested();
            merged = merge(merged, rest.Current);
        }

        yield return merged;
    }

    private static IEnumerable<TState> Fold<T, TState>(
        IEnumerable<T> records, Func<TState> seed, Func<TState, T, TState> accumulate, CancellationToken cancellation)
    {
        TState state = seed();
        foreach (T record in records)
        {
            cancellation.ThrowIfCancellationRequested();
            state = accumulate(state, record);
        }

        yield return state;
    }

    private static long Count<T>(IEnumerable<T> records, TaskContext context)
    {
        if (records.TryGetNonEnumeratedCount(out int known))
        {
            return known;
        }

        long count = 0;
        foreach (T _ in records)
        {
            if ((++count & 0xfff) == 0)
            {
                context.Cancellation.ThrowIfCancellationRequested();
            }
        }

        return count;
    }
}

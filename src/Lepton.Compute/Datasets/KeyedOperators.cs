using Lepton.Compute.Plans;
using Lepton.Compute.Shuffle;
using Lepton.Core.Hashing;
using Lepton.Core.Partitioning;

namespace Lepton.Compute.Datasets;

/// <summary>Grouping, keyed aggregation and joins.</summary>
/// <remarks>
/// Keys are equal by value: numbers, strings, enums, dates; tuples, records, anonymous types, structs and nullables of
/// such. Arrays, collections, interfaces, object, classes without Equals and types with an Equals of their own (Uri is
/// one), also as members of a key, are refused with an <see cref="UnusableKeyException"/> where the operator is
/// called.
/// </remarks>
public static class KeyedOperators
{
    /// <summary>
    /// Folds the records of each key into a state. Records are folded before the shuffle (map-side combining) and the
    /// states merged behind it, so <paramref name="merge"/> must be associative. States are merged in the order of the
    /// partitions.
    /// </summary>
    /// <param name="source">The records.</param>
    /// <param name="key">A record's key; keys are equal by value. Null is a key like any other.</param>
    /// <param name="seed">
    /// The state of a key before its first record in a partition, so it must add nothing where states are merged: 0 for
    /// a sum, an empty list.
    /// </param>
    /// <param name="accumulate">Folds one record in; may change the state in place and return it.</param>
    /// <param name="merge">Merges two states; may change the first in place and return it.</param>
    /// <param name="partitions">Partitions of the result; by default as many as the source has, at most 256.</param>
    /// <exception cref="UnusableKeyException">The key is not equal by value.</exception>
    public static Dataset<KeyValuePair<TKey, TState>> AggregateByKey<T, TKey, TState>(
        this Dataset<T> source,
        Func<T, TKey> key,
        Func<TKey, TState> seed,
        Func<TState, T, TState> accumulate,
        Func<TState, TState, TState> merge,
        int? partitions = null) =>
        source.AggregateByKey(key, seed, accumulate, merge, partitions, "AggregateByKey");

    /// <summary>Merges the values of each key, before and behind the shuffle. <paramref name="merge"/> must be
    /// associative.</summary>
    /// <exception cref="UnusableKeyException">The key is not equal by value.</exception>
    public static Dataset<KeyValuePair<TKey, TValue>> ReduceByKey<T, TKey, TValue>(
        this Dataset<T> source,
        Func<T, TKey> key,
        Func<T, TValue> value,
        Func<TValue, TValue, TValue> merge,
        int? partitions = null)
    {
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(merge);
        return ToValues(
            source.AggregateByKey(
                key,
                static _ => default(Held<TValue>),
                (state, record) => state.HasValue
                    ? new Held<TValue>(merge(state.Value, value(record)))
                    : new Held<TValue>(value(record)),
                (first, second) => new Held<TValue>(merge(first.Value, second.Value)),
                partitions,
                "ReduceByKey"));
    }

    /// <summary>How many records each key has.</summary>
    /// <exception cref="UnusableKeyException">The key is not equal by value.</exception>
    public static Dataset<KeyValuePair<TKey, long>> CountByKey<T, TKey>(
        this Dataset<T> source, Func<T, TKey> key, int? partitions = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(key);
        return source.FoldByKey<T, TKey, long, CountFold<T, TKey>>(
            new CountFold<T, TKey>(key), static (a, b) => a + b, partitions, "CountByKey");
    }

    /// <summary>
    /// All records of a key together. A group is held in memory whole, and nothing is folded before the shuffle: prefer
    /// <c>AggregateByKey</c> where a state says enough.
    /// </summary>
    /// <exception cref="UnusableKeyException">The key is not equal by value.</exception>
    public static Dataset<Group<TKey, T>> GroupBy<T, TKey>(
        this Dataset<T> source, Func<T, TKey> key, int? partitions = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(key);
        ValueEquality.Require<TKey>("GroupBy");
        PartitionCounts.Check(partitions);
        ShuffleEdge<T> edge = HashEdge(source, key);
        return source.With(new GroupNode<T, TKey>(edge, key, partitions));
    }

    /// <summary>
    /// Pairs the records of both sides whose keys are equal. A null key matches nothing. A small right side whose size
    /// is known beforehand (a collection, small files) is sent to every worker whole instead of shuffling both.
    /// </summary>
    /// <exception cref="UnusableKeyException">The key is not equal by value.</exception>
    public static Dataset<TOut> Join<TLeft, TRight, TKey, TOut>(
        this Dataset<TLeft> left,
        Dataset<TRight> right,
        Func<TLeft, TKey> leftKey,
        Func<TRight, TKey> rightKey,
        Func<TLeft, TRight, TOut> result,
        int? partitions = null) =>
        JoinAs(left, right, leftKey, rightKey, result!, JoinKind.Inner, partitions);

    /// <summary>As <c>Join</c>; a left record without a partner comes with a default right.</summary>
    /// <exception cref="UnusableKeyException">The key is not equal by value.</exception>
    public static Dataset<TOut> LeftJoin<TLeft, TRight, TKey, TOut>(
        this Dataset<TLeft> left,
        Dataset<TRight> right,
        Func<TLeft, TKey> leftKey,
        Func<TRight, TKey> rightKey,
        Func<TLeft, TRight?, TOut> result,
        int? partitions = null) =>
        JoinAs(left, right, leftKey, rightKey, result!, JoinKind.Left, partitions);

    /// <summary>As <c>Join</c>; a record of either side without a partner comes with a default on the other.</summary>
    /// <exception cref="UnusableKeyException">The key is not equal by value.</exception>
    public static Dataset<TOut> FullJoin<TLeft, TRight, TKey, TOut>(
        this Dataset<TLeft> left,
        Dataset<TRight> right,
        Func<TLeft, TKey> leftKey,
        Func<TRight, TKey> rightKey,
        Func<TLeft?, TRight?, TOut> result,
        int? partitions = null) =>
        JoinAs(left, right, leftKey, rightKey, result, JoinKind.Full, partitions);

    internal static Dataset<KeyValuePair<TKey, TState>> AggregateByKey<T, TKey, TState>(
        this Dataset<T> source,
        Func<T, TKey> key,
        Func<TKey, TState> seed,
        Func<TState, T, TState> accumulate,
        Func<TState, TState, TState> merge,
        int? partitions,
        string label)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(seed);
        ArgumentNullException.ThrowIfNull(accumulate);
        ArgumentNullException.ThrowIfNull(merge);
        return source.FoldByKey<T, TKey, TState, DelegateFold<T, TKey, TState>>(
            new DelegateFold<T, TKey, TState>(key, seed, accumulate), merge, partitions, label);
    }

    private static Dataset<KeyValuePair<TKey, TState>> FoldByKey<T, TKey, TState, TFold>(
        this Dataset<T> source, TFold fold, Func<TState, TState, TState> merge, int? partitions, string label)
        where TFold : struct, IFold<T, TKey, TState>
    {
        ValueEquality.Require<TKey>(label);
        PartitionCounts.Check(partitions);
        var edge = new ShuffleEdge<T>(
            source.Session.NextId(), source.Node,
            count => new CombineMapper<T, TKey, TState, TFold>(fold, count));
        return source.With(new ReduceNode<TKey, TState>(edge, merge, partitions, label));
    }

    private static Dataset<KeyValuePair<TKey, TValue>> ToValues<TKey, TValue>(
        Dataset<KeyValuePair<TKey, Held<TValue>>> held) =>
        held.Select(static entry => new KeyValuePair<TKey, TValue>(entry.Key, entry.Value.Value));

    private static Dataset<TOut> JoinAs<TLeft, TRight, TKey, TOut>(
        Dataset<TLeft> left,
        Dataset<TRight> right,
        Func<TLeft, TKey> leftKey,
        Func<TRight, TKey> rightKey,
        Func<TLeft?, TRight?, TOut> result,
        JoinKind kind,
        int? partitions)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        ArgumentNullException.ThrowIfNull(leftKey);
        ArgumentNullException.ThrowIfNull(rightKey);
        ArgumentNullException.ThrowIfNull(result);
        ValueEquality.Require<TKey>(kind == JoinKind.Inner ? "Join" : $"{kind}Join");
        PartitionCounts.Check(partitions);
        if (left.Session != right.Session)
        {
            throw new ArgumentException("Both sides of a join belong to one session. Read the right side in the " +
                "left one's.", nameof(right));
        }

        var shuffled = new JoinNode<TLeft, TRight, TKey, TOut>(
            JoinEdge(left, leftKey, keepsNullKeys: kind is JoinKind.Left or JoinKind.Full),
            JoinEdge(right, rightKey, keepsNullKeys: kind is JoinKind.Full),
            leftKey, rightKey, result, kind, partitions);
        return kind == JoinKind.Full
            ? left.With(shuffled)
            : left.With(new AutoJoinNode<TRight, TOut>(
                right.Node, shuffled,
                small => new BroadcastJoinNode<TLeft, TRight, TKey,
                    TOut>(left.Node, small, leftKey, rightKey, result, kind)));
    }

    private static ShuffleEdge<T> HashEdge<T, TKey>(Dataset<T> source, Func<T, TKey> key) =>
        new(source.Session.NextId(), source.Node, count =>
            new PartitionMapper<T, TKey>(key, new HashPartitioner<TKey>(count)));

    private static ShuffleEdge<T> JoinEdge<T, TKey>(Dataset<T> source, Func<T, TKey> key, bool keepsNullKeys) =>
        new(source.Session.NextId(), source.Node, count => new JoinMapper<T, TKey>(key, count, keepsNullKeys));
}

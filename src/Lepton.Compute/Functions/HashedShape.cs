using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Lepton.Compute.Functions;

/// <summary>Takes a dictionary or set apart into its entries and its comparer, and makes it anew.</summary>
internal abstract class HashedShape
{
    /// <summary>May users derive classes from it?</summary>
    public virtual bool IsOpen => false;

    /// <summary>The entry type: the element, or a pair of key and value.</summary>
    public abstract Type EntryType { get; }

    /// <summary>The comparer of keys.</summary>
    public abstract object? Comparer(object collection);

    /// <summary>The entries, in the order in which the collection gives them.</summary>
    public abstract Array Entries(object collection);

    /// <summary>An empty collection to be filled later; null for those that never change once made.</summary>
    public virtual object? Empty(object? comparer) => null;

    /// <summary>The collection: <paramref name="empty"/>, filled, or a new one.</summary>
    public abstract object Fill(object? empty, object? comparer, Array entries);

    /// <summary>The shape of a type; null when it is none of these collections.</summary>
    public static HashedShape? For(Type type)
    {
        for (Type? t = type; t is not null; t = t.BaseType)
        {
            if (t.IsGenericType && Definition(t.GetGenericTypeDefinition()) is { } shape)
            {
                // Frozen collections are of hidden subclasses; a user's subclass of an open one has a state of its own.
                Type closed = shape.MakeGenericType(t.GetGenericArguments());
                HashedShape made = (HashedShape)Activator.CreateInstance(closed)!;
                return t == type || !made.IsOpen ? made : null;
            }
        }

        return null;
    }

    private static Type? Definition(Type collection) =>
        collection == typeof(Dictionary<,>) ? typeof(OfDictionary<,>)
        : collection == typeof(HashSet<>) ? typeof(OfHashSet<>)
        : collection == typeof(FrozenDictionary<,>) ? typeof(OfFrozenDictionary<,>)
        : collection == typeof(FrozenSet<>) ? typeof(OfFrozenSet<>)
        : collection == typeof(ImmutableDictionary<,>) ? typeof(OfImmutableDictionary<,>)
        : collection == typeof(ImmutableHashSet<>) ? typeof(OfImmutableHashSet<>)
        : null;

    private sealed class OfDictionary<TKey, TValue> : HashedShape
        where TKey : notnull
    {
        public override bool IsOpen => true;

        public override Type EntryType => typeof(KeyValuePair<TKey, TValue>);

        public override object? Comparer(object collection) => ((Dictionary<TKey, TValue>)collection).Comparer;

        public override Array Entries(object collection) => ((Dictionary<TKey, TValue>)collection).ToArray();

        public override object? Empty(object? comparer) =>
            new Dictionary<TKey, TValue>((IEqualityComparer<TKey>?)comparer);

        public override object Fill(object? empty, object? comparer, Array entries)
        {
            var dictionary = (Dictionary<TKey, TValue>)empty!;
            foreach ((TKey key, TValue value) in (KeyValuePair<TKey, TValue>[])entries)
            {
                dictionary.Add(key, value);
            }

            return dictionary;
        }
    }

    private sealed class OfHashSet<T> : HashedShape
    {
        public override bool IsOpen => true;

        public override Type EntryType => typeof(T);

        public override object? Comparer(object collection) => ((HashSet<T>)collection).Comparer;

        public override Array Entries(object collection) => ((HashSet<T>)collection).ToArray();

        public override object? Empty(object? comparer) => new HashSet<T>((IEqualityComparer<T>?)comparer);

        public override object Fill(object? empty, object? comparer, Array entries)
        {
            var set = (HashSet<T>)empty!;
            set.UnionWith((T[])entries);
            return set;
        }
    }

    private sealed class OfFrozenDictionary<TKey, TValue> : HashedShape
        where TKey : notnull
    {
        public override Type EntryType => typeof(KeyValuePair<TKey, TValue>);

        public override object? Comparer(object collection) => ((FrozenDictionary<TKey, TValue>)collection).Comparer;

        public override Array Entries(object collection) => ((FrozenDictionary<TKey, TValue>)collection).ToArray();

        public override object Fill(object? empty, object? comparer, Array entries) =>
            ((KeyValuePair<TKey, TValue>[])entries).ToFrozenDictionary((IEqualityComparer<TKey>?)comparer);
    }

    private sealed class OfFrozenSet<T> : HashedShape
    {
        public override Type EntryType => typeof(T);

        public override object? Comparer(object collection) => ((FrozenSet<T>)collection).Comparer;

        public override Array Entries(object collection) => ((FrozenSet<T>)collection).ToArray();

        public override object Fill(object? empty, object? comparer, Array entries) =>
            ((T[])entries).ToFrozenSet((IEqualityComparer<T>?)comparer);
    }

    private sealed class OfImmutableDictionary<TKey, TValue> : HashedShape
        where TKey : notnull
    {
        public override Type EntryType => typeof(KeyValuePair<TKey, TValue>);

        public override object? Comparer(object collection) =>
            ((ImmutableDictionary<TKey, TValue>)collection).KeyComparer;

        public override Array Entries(object collection) => ((ImmutableDictionary<TKey, TValue>)collection).ToArray();

        public override object Fill(object? empty, object? comparer, Array entries) =>
            ((KeyValuePair<TKey, TValue>[])entries).ToImmutableDictionary((IEqualityComparer<TKey>?)comparer);
    }

    private sealed class OfImmutableHashSet<T> : HashedShape
    {
        public override Type EntryType => typeof(T);

        public override object? Comparer(object collection) => ((ImmutableHashSet<T>)collection).KeyComparer;

        public override Array Entries(object collection) => ((ImmutableHashSet<T>)collection).ToArray();

        public override object Fill(object? empty, object? comparer, Array entries) =>
            ((T[])entries).ToImmutableHashSet((IEqualityComparer<T>?)comparer);
    }
}

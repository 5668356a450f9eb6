using System.Linq.Expressions;
using System.Runtime.CompilerServices;

namespace Lepton.Core.Partitioning;

/// <summary>
/// The order of keys where the caller gave none: that of <see cref="Comparer{T}.Default"/>, but strings go by their
/// UTF-16 code units (ordinal), since a language's order differs from machine to machine. That holds for strings in
/// tuples and key-value pairs too, however deep: they are compared member by member, first members first. Null comes
/// first. A type with an IComparable of its own has the order that this gives. Thread safe.
/// </summary>
public static class DefaultOrder
{
    /// <summary>The comparer; always the same one for a type.</summary>
    public static IComparer<TKey> Of<TKey>() => Orders<TKey>.Composed ?? (IComparer<TKey>)Comparer<TKey>.Default;

    /// <summary>Compares two keys; as fast as the type's own order where that is the one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Compare<TKey>(TKey? x, TKey? y) =>
        typeof(TKey) == typeof(string) ? string.CompareOrdinal((string?)(object?)x, (string?)(object?)y)
        : Orders<TKey>.Composed is { } composed ? composed.Compare(x, y)
        : Comparer<TKey>.Default.Compare(x, y);

    /// <summary>
    /// The first type without an order in a type: itself, or a member of a tuple or a pair. Null where all have one, or
    /// where only the values tell (an interface, <see cref="object"/>, an abstract class).
    /// </summary>
    public static Type? FirstWithout(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        if (Nullable.GetUnderlyingType(type) is { } inner)
        {
            return FirstWithout(inner);
        }

        if (IsPair(type) || IsTuple(type))
        {
            return type.GetGenericArguments().Select(FirstWithout).FirstOrDefault(member => member is not null);
        }

        return type.IsAbstract || type == typeof(object) || typeof(IComparable).IsAssignableFrom(type)
            || typeof(IComparable<>).MakeGenericType(type).IsAssignableFrom(type)
                ? null
                : type;
    }

    /// <summary>What the caller gave, or the default order.</summary>
    internal static IComparer<TKey> Or<TKey>(IComparer<TKey>? comparer) => comparer ?? Of<TKey>();

    private static IComparer<TKey>? Compose<TKey>()
    {
        if (typeof(TKey) == typeof(string))
        {
            return (IComparer<TKey>)(object)StringComparer.Ordinal;
        }

        if (!IsComposed(typeof(TKey)))
        {
            return null;
        }

        ParameterExpression x = Expression.Parameter(typeof(TKey));
        ParameterExpression y = Expression.Parameter(typeof(TKey));
        return Comparer<TKey>.Create(Expression.Lambda<Comparison<TKey>>(OfComposed(x, y), x, y).Compile());
    }

    /// <summary>Whether a type is compared here, since a string or a key-value pair is somewhere in it.</summary>
    private static bool IsComposed(Type type) =>
        type == typeof(string)
        || IsPair(type)
        || (IsTuple(type) && type.GetGenericArguments().Any(IsComposed))
        || (Nullable.GetUnderlyingType(type) is { } inner && IsComposed(inner));

    private static bool IsTuple(Type type) =>
        type.IsGenericType && typeof(ITuple).IsAssignableFrom(type) && type.Assembly == typeof(ITuple).Assembly;

    private static bool IsPair(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>);

    private static Expression OfComposed(Expression x, Expression y)
    {
        if (Nullable.GetUnderlyingType(x.Type) is not null)
        {
            const string value = nameof(Nullable<>.Value);
            Expression values = OfAny(Expression.Property(x, value), Expression.Property(y, value));
            const string hasValue = nameof(Nullable<>.HasValue);
            return NullsFirst(Expression.Property(x, hasValue), Expression.Property(y, hasValue), values);
        }

        Expression members = OfMembers(x, y);
        Expression none = Expression.Constant(null);
        return x.Type.IsValueType
            ? members
            : NullsFirst(Expression.ReferenceNotEqual(x, none), Expression.ReferenceNotEqual(y, none), members);
    }

    private static MethodCallExpression OfAny(Expression x, Expression y) =>
        Expression.Call(typeof(DefaultOrder), nameof(Compare), [x.Type], x, y);

    /// <summary>The first member that differs decides.</summary>
    private static BlockExpression OfMembers(Expression x, Expression y)
    {
        string[] members = IsPair(x.Type)
            ? [nameof(KeyValuePair<,>.Key), nameof(KeyValuePair<,>.Value)]
            : [.. x.Type.GetGenericArguments().Select((_, i) => i < 7 ? $"Item{i + 1}" : "Rest")];
        ParameterExpression order = Expression.Variable(typeof(int));
        LabelTarget end = Expression.Label(typeof(int));
        var steps = new List<Expression>();
        foreach (string member in members)
        {
            steps.Add(Expression.Assign(
                order, OfAny(Expression.PropertyOrField(x, member), Expression.PropertyOrField(y, member))));
            steps.Add(Expression.IfThen(
                Expression.NotEqual(order, Expression.Constant(0)), Expression.Return(end, order)));
        }

        steps.Add(Expression.Label(end, Expression.Constant(0)));
        return Expression.Block([order], steps);
    }

    private static ConditionalExpression NullsFirst(Expression xIsThere, Expression yIsThere, Expression values) =>
        Expression.Condition(
            Expression.AndAlso(xIsThere, yIsThere),
            values,
            Expression.Call(
                Expression.Convert(xIsThere, typeof(bool)), nameof(bool.CompareTo), null, yIsThere));

    /// <summary>The order of a type that is not the type's own; made once.</summary>
    private static class Orders<TKey>
    {
        public static readonly IComparer<TKey>? Composed = Compose<TKey>();
    }
}

using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Lepton.Core.Hashing;

/// <summary>
/// Combines the hashes of a value's fields, for types whose equality the compiler or the runtime defines as the
/// equality of their fields. Their coded bytes would not do: -0.0 and 0.0 are equal and differ in bytes.
/// </summary>
internal sealed class FieldwiseHasher<T> : StableHasher<T>
{
    private readonly Func<T, ulong> _hash = Compile();

    public override ulong Hash(T value) => value is null ? StableHash.OfNull : _hash(value);

    private static Func<T, ulong> Compile()
    {
        ParameterExpression value = Expression.Parameter(typeof(T), "value");
        Expression? sum = null;
        foreach (FieldInfo field in FieldwiseEquality.FieldsOf(typeof(T)))
        {
            // The field's own hasher is looked up when it is first used: a record may hold a field of its own type.
            Expression part = Expression.Call(
                typeof(StableHash), nameof(StableHash.Of), [field.FieldType], Expression.Field(value, field));
            sum = sum is null
                ? part
                : Expression.Call(typeof(StableHash), nameof(StableHash.Combine), null, sum, part);
        }

        return Expression.Lambda<Func<T, ulong>>(sum ?? Expression.Constant(StableHash.Mix(0)), value).Compile();
    }
}

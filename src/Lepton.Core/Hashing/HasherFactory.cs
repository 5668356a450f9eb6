using System.Reflection;
using Lepton.Core.Records;
using Lepton.Core.Records.Compilation;

namespace Lepton.Core.Hashing;

/// <summary>Finds the hasher of a type, or why it has none.</summary>
internal static class HasherFactory
{
    /// <summary>
    /// A <see cref="StableHasher{T}"/>, or the <see cref="UncodableTypeException"/> that says why not.
    /// </summary>
    public static object Resolve<T>()
    {
        try
        {
            return Create<T>();
        }
        catch (UncodableTypeException refusal)
        {
            return refusal;
        }
    }

    private static StableHasher<T> Create<T>()
    {
        Type type = typeof(T);
        if (DirectHash.TryOf(default(T)!, out _))
        {
            return new DirectHasher<T>();
        }

        if (type.IsEnum)
        {
            return Make<T>(typeof(EnumHasher<,>), type, Enum.GetUnderlyingType(type));
        }

        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            RefuseUnhashable(underlying, [], []);
            return Make<T>(typeof(NullableHasher<>), underlying);
        }

        if (!FieldwiseEquality.Holds(type))
        {
            return new CodecHasher<T>(RecordCodec.For<T>());
        }

        RefuseUnhashable(type, [], []);
        Type? definition = type.IsGenericType ? type.GetGenericTypeDefinition() : null;
        if (definition == typeof(ValueTuple<,>))
        {
            return Make<T>(typeof(PairHasher<,>), type.GetGenericArguments());
        }

        return definition == typeof(ValueTuple<,,>)
            ? Make<T>(typeof(TripleHasher<,,>), type.GetGenericArguments())
            : new FieldwiseHasher<T>();
    }

    /// <summary>
    /// Throws when a part that no field can be looked into can't be hashed either. Done up front, with the path of
    /// members, because a fieldwise hasher meets its parts only when it hashes.
    /// </summary>
    private static void RefuseUnhashable(Type type, IReadOnlyList<string> path, HashSet<Type> seen)
    {
        Type part = Nullable.GetUnderlyingType(type) ?? type;
        if (!seen.Add(part) || part.IsEnum || IsDirect(part))
        {
            return;
        }

        if (!FieldwiseEquality.Holds(part))
        {
            RefuseUncodable(part, path);
            return;
        }

        foreach (FieldInfo field in FieldwiseEquality.FieldsOf(part))
        {
            RefuseUnhashable(field.FieldType, [.. path, RecordFields.SourceName(field.Name)], seen);
        }
    }

    private static void RefuseUncodable(Type type, IReadOnlyList<string> path)
    {
        try
        {
            _ = RecordCodec.For(type);
        }
        catch (UncodableTypeException refusal)
        {
            throw new UncodableTypeException(refusal.Type, [.. path, .. refusal.Path], refusal.Reason);
        }
    }

    /// <summary>Whether <see cref="DirectHash"/> covers the type.</summary>
    public static bool IsDirect(Type type) => (bool)typeof(HasherFactory)
        .GetMethod(nameof(IsDirectOf), BindingFlags.Static | BindingFlags.NonPublic)!
        .MakeGenericMethod(type)
        .Invoke(null, null)!;

    private static bool IsDirectOf<T>() => DirectHash.TryOf(default(T)!, out _);

    private static StableHasher<T> Make<T>(Type definition, params Type[] arguments) =>
        (StableHasher<T>)Activator.CreateInstance(definition.MakeGenericType(arguments))!;
}

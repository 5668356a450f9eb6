using System.Collections.Immutable;

namespace Lepton.Core.Records.Collections;

/// <summary>Which codec serves a collection.</summary>
internal static class CollectionCatalog
{
    private const string Element = "element";

    /// <summary>The shape of <paramref name="type"/>, or null when it is no collection that records know.</summary>
    public static CollectionShape? Find(Type type)
    {
        if (type.IsArray)
        {
            return Array(type);
        }

        if (!type.IsConstructedGenericType || type.ContainsGenericParameters)
        {
            return null;
        }

        Type definition = type.GetGenericTypeDefinition();
        Type[] arguments = type.GenericTypeArguments;
        return arguments.Length switch
        {
            1 => OfElements(definition, arguments[0]) ?? Interface(type, definition, arguments[0])
                ?? OverArray(definition, arguments[0]),
            2 => OfPairs(type, definition, arguments[0], arguments[1]),
            _ => null,
        };
    }

    private static CollectionShape? Array(Type type)
    {
        Type element = type.GetElementType()!;
        return type.IsSZArray ? new CollectionShape(typeof(ArrayCodec<>), [element], (Element, element))
            : type.GetArrayRank() > 1 ? new CollectionShape(typeof(GridCodec<,>), [type, element], (Element, element))
            : null;
    }

    private static CollectionShape? OfElements(Type definition, Type element)
    {
        (Type? codec, string name) =
            definition == typeof(Nullable<>) ? (typeof(NullableCodec<>), "Value")
            : definition == typeof(List<>) ? (typeof(ListCodec<>), Element)
            : definition == typeof(HashSet<>) ? (typeof(SetCodec<>), Element)
            : ((Type?)null, Element);
        return codec is null ? null : new CollectionShape(codec, [element], (name, element));
    }

    private static CollectionShape? Interface(Type type, Type definition, Type element)
    {
        if (definition == typeof(ISet<>) || definition == typeof(IReadOnlySet<>))
        {
            return new CollectionShape(
                typeof(SetInterfaceCodec<,>), [type, element], (null, typeof(HashSet<>).MakeGenericType(element)));
        }

        Type? codec =
            definition == typeof(IReadOnlyList<>) || definition == typeof(IReadOnlyCollection<>) ? typeof(ReadOnlyListCodec<,>)
            : definition == typeof(IList<>) || definition == typeof(ICollection<>) ? typeof(WritableListCodec<,>)
            : null;
        return codec is null ? null : new CollectionShape(
            codec,
            [type, element],
            (null, element.MakeArrayType()),
            (null, typeof(List<>).MakeGenericType(element)));
    }

    private static CollectionShape? OverArray(Type definition, Type element)
    {
        Type? codec =
            definition == typeof(ImmutableArray<>) ? typeof(ImmutableArrayCodec<>)
            : definition == typeof(Memory<>) ? typeof(MemoryCodec<>)
            : definition == typeof(ReadOnlyMemory<>) ? typeof(ReadOnlyMemoryCodec<>)
            : null;
        return codec is null ? null : new CollectionShape(codec, [element], (null, element.MakeArrayType()));
    }

    private static CollectionShape? OfPairs(Type type, Type definition, Type key, Type value)
    {
        if (definition == typeof(Dictionary<,>))
        {
            return new CollectionShape(typeof(DictionaryCodec<,>), [key, value], ("key", key), ("value", value));
        }

        return definition == typeof(IDictionary<,>) || definition == typeof(IReadOnlyDictionary<,>)
            ? new CollectionShape(
                typeof(DictionaryInterfaceCodec<,,>),
                [type, key, value],
                (null, typeof(Dictionary<,>).MakeGenericType(key, value)))
            : null;
    }
}

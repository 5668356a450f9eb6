using System.Collections;
using System.Runtime.CompilerServices;

namespace Lepton.Compute.Formats;

/// <summary>Picks the shape of a type.</summary>
internal static class CsvShapes
{
    /// <exception cref="UnmappableTypeException">Rows can't be turned into the type.</exception>
    public static CsvShape<T> For<T>() => CsvShape<T>.Instance;

    public static CsvShape<T> Create<T>()
    {
        Type type = typeof(T);
        if (FieldCodecs.IsSupported(type))
        {
            return new ScalarShape<T>();
        }

        if (type.IsSZArray)
        {
            Type element = type.GetElementType()!;
            if (!FieldCodecs.IsSupported(element))
            {
                throw new UnmappableTypeException(type, null, $"its elements are {element.Name}, but fields hold " +
                    $"only {FieldCodecs.SupportedTypes}.");
            }

            return (CsvShape<T>)Activator.CreateInstance(typeof(ArrayShape<>).MakeGenericType(element))!;
        }

        if (type.IsAssignableTo(typeof(IEnumerable)))
        {
            throw new UnmappableTypeException(type, null, "it is a collection, and what a row's columns would be is " +
                "not known. Select an array, a tuple or a record with a member for each column.");
        }

        bool isTuple = type.IsValueType && type.IsAssignableTo(typeof(ITuple));
        return isTuple ? new TupleShape<T>() : new MemberShape<T>(CsvMembers.Of(type));
    }
}

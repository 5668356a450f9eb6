using System.Diagnostics.CodeAnalysis;

namespace Lepton.Core.Records;

/// <summary>The refusals of values at write time.</summary>
internal static class ValueRefusals
{
    /// <summary>
    /// How deep objects of recursive types may nest. Levels were seen to take 100 to 700 bytes of stack, so this stays
    /// well below the 1.5 MB of ordinary threads, and is the same on every machine; a thread with less left is caught
    /// besides.
    /// </summary>
    public const int DepthMax = 1000;

    [DoesNotReturn]
    public static void ThrowSubclass(object value, Type declared)
    {
        string its = TypeNames.Short(value.GetType());
        throw new UncodableValueException(
            $"{Stands(value, declared)} Records carry exactly the declared type, because what a subclass adds " +
                $"would be " +
            $"lost. Declare the member as {its}, or copy the value into a plain {TypeNames.Short(declared)}.");
    }

    /// <summary>Called by compiled codecs.</summary>
    [DoesNotReturn]
    public static void ThrowSubclass(object value, RuntimeTypeHandle declared) =>
        ThrowSubclass(value, Type.GetTypeFromHandle(declared)!);

    public static UncodableValueException TooDeep(RuntimeTypeHandle type, bool stackShort)
    {
        string name = TypeNames.Full(Type.GetTypeFromHandle(type)!);
        string limit = stackShort ? "this thread's stack holds" : $"the {DepthMax:N0} levels that a record may have";
        return new UncodableValueException(
            $"A value of type {name} nests deeper than {limit}. Either its references form a cycle, or it is a long " +
            "chain of linked objects. Records carry trees: replace references to other records by their keys, and a " +
            "chain by a list.");
    }

    public static UncodableValueException Comparer(Type collection, object comparer) =>
        new($"The comparer {TypeNames.Full(comparer.GetType())} of a {TypeNames.Full(collection)} is not one that " +
            "records carry. Use the default comparer, or StringComparer.OrdinalIgnoreCase for string keys, or " +
            "carry the entries as a list.");

    public static UncodableValueException NoList(object value, Type declared) =>
        new($"{Stands(value, declared)} It has no order by index, so its bytes would depend on its history. Pass an " +
            "array or a List, or declare the member as a HashSet or Dictionary.");

    public static UncodableValueException Coarser(object value) =>
        new($"A value of type {TypeNames.Full(value.GetType())} holds keys that are equal by the default comparer, " +
            "which is what records carry. Carry the entries as a list.");

    public static UncodableValueException LowerBound(Type array) =>
        new($"An array of type {TypeNames.Full(array)} starts at an index other than 0. Records carry arrays that " +
            "start at 0: copy it into one.");

    /// <summary>A key of a dictionary or an entry of a set that reads as null.</summary>
    public static CorruptRecordException NullKey(int position) =>
        new($"The key of a dictionary that ends at byte {position} is null.");

    public static CorruptRecordException Twice(int position) =>
        new($"The entry that ends at byte {position} repeats a key of its dictionary or set.");

    private static string Stands(object value, Type declared) =>
        $"A value of type {TypeNames.Full(value.GetType())} stands where {TypeNames.Full(declared)} is declared.";
}

using System.Reflection;

namespace Lepton.Compute.Functions;

/// <summary>The instance fields of a class.</summary>
internal static class ObjectFields
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic
        | BindingFlags.DeclaredOnly;

    /// <summary>
    /// All instance fields, those of the outermost base first: the same order in every process with the same build.
    /// </summary>
    public static FieldInfo[] Of(Type type)
    {
        List<FieldInfo> fields = [];
        for (Type? t = type; t is not null; t = t.BaseType)
        {
            FieldInfo[] declared = t.GetFields(Declared);
            Array.Sort(declared, static (a, b) => a.MetadataToken.CompareTo(b.MetadataToken));
            fields.InsertRange(0, declared);
        }

        return [.. fields];
    }
}

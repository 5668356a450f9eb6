using System.Reflection;
using System.Runtime.CompilerServices;

namespace Lepton.Core.Records.Compilation;

/// <summary>Which fields of a type are its state, and in which order they travel.</summary>
internal static class RecordFields
{
    private const BindingFlags Declared =
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>
    /// All instance fields but those marked <see cref="NonSerializedAttribute"/>: of base classes first, within a class
    /// by name, so that moving a member in the source changes nothing.
    /// </summary>
    public static List<FieldInfo> Of(Type type)
    {
        // Plain loops: this runs when a job starts, and each of LINQ's generic methods would be compiled for it first.
        var all = new List<FieldInfo>();
        for (Type? level = type; level is not null && level != typeof(object); level = level.BaseType)
        {
            FieldInfo[] fields = level.GetFields(Declared);
            Array.Sort(fields, static (a, b) =>
            {
                int order = string.CompareOrdinal(SourceName(a.Name), SourceName(b.Name));
                return order != 0 ? order : string.CompareOrdinal(a.Name, b.Name);
            });
            int at = 0;
            foreach (FieldInfo field in fields)
            {
                if (!IsLeftOut(field))
                {
                    all.Insert(at++, field);
                }
            }
        }

        return all;
    }

    /// <summary>What the user calls it: <c>Name</c> for the hidden field behind <c>Name { get; init; }</c>.</summary>
    public static string SourceName(string field)
    {
        int end = field.IndexOf('>', StringComparison.Ordinal);
        return field.StartsWith('<') && end > 1 ? field[1..end]
            : field.StartsWith("m_Item", StringComparison.Ordinal) ? field[2..]
            : field;
    }

    /// <summary>A buffer of fixed size shows one field and hides the rest of its memory.</summary>
    public static bool HasHiddenElements(Type type) =>
        type.IsDefined(typeof(InlineArrayAttribute), false)
        || Array.Exists(type.GetFields(Declared), static field =>
            field.FieldType.IsValueType && field.IsDefined(typeof(FixedBufferAttribute), false) && !IsLeftOut(field));

    /// <summary>Whether a field does not travel: it is marked <see cref="NonSerializedAttribute"/>.</summary>
    public static bool IsLeftOut(FieldInfo field)
    {
#pragma warning disable SYSLIB0050 // The mark outlived the formatters it was made for, and says what is meant.
        return (field.Attributes & FieldAttributes.NotSerialized) != 0;
#pragma warning restore SYSLIB0050
    }
}

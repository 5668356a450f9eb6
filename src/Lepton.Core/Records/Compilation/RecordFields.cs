using System.Reflection;
using System.Runtime.CompilerServices;

namespace Lepton.Core.Records.Compilation;

/// <summary>Which fields of a type are its state, and in which order they travel.</summary>
internal static class RecordFields
{
    private const BindingFlags Declared =
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>
    /// All instance fields but those marked <see cref="NonSerializedAttribute"/>: of base classes first, within a class by name,
    /// so that moving a member in the source changes nothing.
    /// </summary>
    public static IEnumerable<FieldInfo> Of(Type type)
    {
        var levels = new Stack<Type>();
        for (Type? level = type; level is not null && level != typeof(object); level = level.BaseType)
        {
            levels.Push(level);
        }

        return levels.SelectMany(level => level.GetFields(Declared)
            .Where(field => !IsLeftOut(field))
            .OrderBy(NameOf, StringComparer.Ordinal)
            .ThenBy(field => field.Name, StringComparer.Ordinal));
    }

    /// <summary>What the user calls it: <c>Name</c> for the hidden field behind <c>Name { get; init; }</c>.</summary>
    public static string NameOf(FieldInfo field)
    {
        string name = field.Name;
        int end = name.IndexOf('>', StringComparison.Ordinal);
        if (name.StartsWith('<') && end > 1)
        {
            return name[1..end];
        }

        return name.StartsWith("m_Item", StringComparison.Ordinal) && Refusals.IsTuple(field.DeclaringType!) ? name[2..] : name;
    }

    /// <summary>A buffer of fixed size shows one field and hides the rest of its memory.</summary>
    public static bool HasHiddenElements(Type type) =>
        type.IsDefined(typeof(InlineArrayAttribute), false)
        || type.GetFields(Declared).Any(field => field.IsDefined(typeof(FixedBufferAttribute), false) && !IsLeftOut(field));

    private static bool IsLeftOut(FieldInfo field)
    {
#pragma warning disable SYSLIB0050 // The mark outlived the formatters that it was made for, and says just what is meant.
        return (field.Attributes & FieldAttributes.NotSerialized) != 0;
#pragma warning restore SYSLIB0050
    }
}

using System.Reflection;
using System.Runtime.CompilerServices;

namespace Lepton.Core.Hashing;

/// <summary>Which types are equal exactly when their fields are, and what those fields are.</summary>
internal static class FieldwiseEquality
{
    private const BindingFlags Declared =
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>
    /// Tuples, anonymous types, records and structs that left Equals as the compiler or runtime gives it.
    /// </summary>
    public static bool Holds(Type type)
    {
        if (type.IsPrimitive || type.IsEnum || type.IsPointer || type.IsByRefLike || type.IsArray || type.IsInterface)
        {
            return false;
        }

        return IsTuple(type) || IsAnonymous(type) || (type.IsValueType ? IsPlainStruct(type) : IsRecordClass(type));
    }

    /// <summary>
    /// All instance fields: a base's before those of its heirs, then by name, so that moving members changes nothing.
    /// </summary>
    public static IEnumerable<FieldInfo> FieldsOf(Type type)
    {
        IEnumerable<FieldInfo> inherited = type.BaseType is { } parent && !type.IsValueType ? FieldsOf(parent) : [];
        return inherited.Concat(type.GetFields(Declared).OrderBy(field => field.Name, StringComparer.Ordinal));
    }

    private static bool IsTuple(Type type) =>
        type.IsGenericType && typeof(ITuple).IsAssignableFrom(type) && type.Assembly == typeof(ITuple).Assembly;

    private static bool IsAnonymous(Type type) =>
        type.IsGenericType && type.Name.Contains("AnonymousType", StringComparison.Ordinal) && IsCompilerMade(type);

    private static bool IsPlainStruct(Type type) =>
        Equality(type, type) is { } typed
            ? IsCompilerMade(typed)
            : Equality(type, typeof(object)) is null
                && !typeof(IEquatable<>).MakeGenericType(type).IsAssignableFrom(type);

    private static bool IsRecordClass(Type type)
    {
        for (Type level = type; level != typeof(object); level = level.BaseType!)
        {
            if (Equality(level, level) is not { } typed || !IsCompilerMade(typed))
            {
                return false;
            }
        }

        return type != typeof(object);
    }

    private static MethodInfo? Equality(Type type, Type operand) =>
        type.GetMethod(nameof(Equals), Declared, [operand]);

    private static bool IsCompilerMade(MemberInfo member) =>
        member.IsDefined(typeof(CompilerGeneratedAttribute), false);
}

using System.Collections;
using System.Collections.Immutable;
using System.Numerics;
using System.Reflection;
using System.Text;
using Lepton.Core.Records;
using Lepton.Core.Records.Compilation;

namespace Lepton.Core.Hashing;

/// <summary>
/// Says which types can be keys. <see cref="StableHash"/> goes by what a value holds, and a hash table by what
/// <see cref="EqualityComparer{T}.Default"/> says: where that means "the same object", equal keys would never meet.
/// Thread safe.
/// </summary>
public static class ValueEquality
{
    private static readonly Type[] ComparedByPlace =
        [typeof(ImmutableArray<>), typeof(Memory<>), typeof(ReadOnlyMemory<>), typeof(ArraySegment<>)];

    private static readonly Type[] CodedAlike = [typeof(Version), typeof(BigInteger), typeof(Rune)];

    /// <summary>
    /// Passes types whose values are equal when they hold the same: numbers, strings, enums, dates and the like;
    /// tuples, records, anonymous types, plain structs and nullables of such; and types that say themselves how they
    /// travel.
    /// </summary>
    /// <param name="operation">What needs the key, for the message.</param>
    /// <exception cref="UnusableKeyException">
    /// The type, or a member of it, is an array, a collection, an interface, object, a class without Equals, or has an
    /// Equals of its own, which may call values equal that hold different members (Uri, for example).
    /// </exception>
    public static void Require<TKey>(string operation)
    {
        if (Flaws<TKey>.Found is { } flaw)
        {
            throw new UnusableKeyException(operation, typeof(TKey), flaw.Type, flaw.Path, flaw.Reason);
        }
    }

    private static Flaw? Find(Type type, IReadOnlyList<string> path, HashSet<Type> seen)
    {
        Type part = Nullable.GetUnderlyingType(type) ?? type;
        if (part.IsPrimitive || part.IsEnum || part == typeof(string) || !seen.Add(part))
        {
            return null;
        }

        if (Reason(part) is { } reason)
        {
            return new Flaw(part, path, reason);
        }

        if (!FieldwiseEquality.Holds(part))
        {
            return null;
        }

        foreach (FieldInfo field in FieldwiseEquality.FieldsOf(part))
        {
            if (RecordFields.IsLeftOut(field))
            {
                return new Flaw(field.FieldType, [.. path, RecordFields.SourceName(field.Name)],
                    "it is marked [NonSerialized], so it does not travel, and yet its owner's Equals compares it.");
            }

            if (Find(field.FieldType, [.. path, RecordFields.SourceName(field.Name)], seen) is { } flaw)
            {
                return flaw;
            }
        }

        return null;
    }

    private static string? Reason(Type type)
    {
        if (type.IsInterface || type == typeof(object))
        {
            return $"{(type.IsInterface ? "an interface" : "object")} says nothing of how its values compare.";
        }

        if (type.IsGenericType && Array.IndexOf(ComparedByPlace, type.GetGenericTypeDefinition()) >= 0)
        {
            return "its Equals asks where the elements lie, not what they are.";
        }

        if (FieldwiseEquality.Holds(type))
        {
            return null;
        }

        if (HasEquals(type))
        {
            return IsTrusted(type)
                ? null
                : "its own Equals may call values equal that hold different members, " +
                    "which lie in different partitions.";
        }

        return type.IsArray ? "an array is equal only to itself, whatever its elements."
            : typeof(IEnumerable).IsAssignableFrom(type) ? "a collection is equal only to itself, whatever it holds."
            : "it is a class without an Equals of its own, so each object is equal only to itself.";
    }

    // Equal values of these hash alike: by their value, or by the bytes that they travel as. Not so those of Uri, whose
    // Equals passes over the case of the host, or of Complex, to which 0.0 and -0.0 are equal.
    private static bool IsTrusted(Type type) =>
        type.IsDefined(typeof(RecordCodecAttribute), inherit: false)
        || HasherFactory.IsDirect(type)
        || Array.IndexOf(CodedAlike, type) >= 0;

    private static bool HasEquals(Type type)
    {
        if (typeof(IEquatable<>).MakeGenericType(type).IsAssignableFrom(type))
        {
            return true;
        }

        MethodInfo? equals = type.GetMethod(
            nameof(Equals), BindingFlags.Instance | BindingFlags.Public, [typeof(object)]);
        return equals is not null && equals.DeclaringType != typeof(object);
    }

    private sealed record Flaw(Type Type, IReadOnlyList<string> Path, string Reason);

    /// <summary>Looks into each type once.</summary>
    private static class Flaws<TKey>
    {
        public static readonly Flaw? Found = Find(typeof(TKey), [], []);
    }
}

using System.Reflection;
using System.Text;
using Lepton.Core.Records;

namespace Lepton.Compute.Functions;

/// <summary>Decides how values of a type travel, and keeps the decisions. Not thread safe.</summary>
internal sealed class SendRules
{
    private static readonly HashSet<Type> s_leaves =
    [
        typeof(string), typeof(decimal), typeof(DateTime), typeof(DateTimeOffset), typeof(DateOnly), typeof(TimeOnly),
        typeof(TimeSpan), typeof(Guid), typeof(Uri), typeof(Version), typeof(Half), typeof(Int128), typeof(UInt128),
        typeof(System.Numerics.BigInteger), typeof(Rune), typeof(Index), typeof(Range),
    ];

    // Plain collections, whose fields mean the same in every process.
    private static readonly string[] s_plainNamespaces =
        ["System.Collections.Generic", "System.Collections.ObjectModel", "System.Collections.Immutable"];

    private static readonly HashSet<Type> s_plainClasses =
        [typeof(object), typeof(StringBuilder), typeof(System.Collections.BitArray), typeof(DBNull)];

    private readonly Dictionary<Type, SendRule> _rules = [];
    private readonly Dictionary<Type, bool> _bulk = [];

    /// <summary>The rule for values whose run-time type is <paramref name="type"/>.</summary>
    public SendRule For(Type type)
    {
        if (!_rules.TryGetValue(type, out SendRule? rule))
        {
            rule = Make(type);
            _rules.Add(type, rule);
        }

        return rule;
    }

    /// <summary>
    /// The rule for a bulk value that its codec refused: a subclass among the elements, a cycle, a comparer.
    /// </summary>
    public static SendRule OneByOne(Type type) =>
        type.IsArray ? new SendRule(SendKind.Array)
        : HashedShape.For(type) is { } shape ? new SendRule(SendKind.Hashed, Shape: shape)
        : ByFields(type);

    private SendRule Make(Type type)
    {
        if (typeof(Type).IsAssignableFrom(type))
        {
            return new SendRule(SendKind.Type);
        }

        if (typeof(Delegate).IsAssignableFrom(type))
        {
            return new SendRule(SendKind.Delegate);
        }

        if (IsLeaf(type) && Codec(type) is { } leaf)
        {
            return new SendRule(SendKind.Leaf, Codec: leaf);
        }

        if (Rebuilder.For(type) is { } rebuilder)
        {
            return new SendRule(SendKind.Rebuilt, Rebuilder: rebuilder);
        }

        if (Refusals.ReasonFor(type) is { } reason)
        {
            return new SendRule(SendKind.Refused, reason);
        }

        if (IsBulk(type) && Codec(type) is { } bulk)
        {
            return new SendRule(SendKind.Bulk, Codec: bulk);
        }

        SendRule rule = OneByOne(type);
        return rule.Kind != SendKind.Fields || !Modules.IsFramework(type.Assembly) || IsPlainFramework(type)
            ? rule
            : new SendRule(SendKind.Refused, Refusals.Framework(type));
    }

    private static SendRule ByFields(Type type)
    {
        FieldInfo[] fields = ObjectFields.Of(type);
        return new SendRule(SendKind.Fields, Fields: fields, IsSent: Array.ConvertAll(fields, IsSent));
    }

    private static bool IsSent(FieldInfo field) =>
        !field.IsDefined(typeof(NotSentAttribute), inherit: false)
        && !CompilerNames.IsDelegateCache(field)
        && (Modules.IsFramework(field.Module.Assembly)
            || !field.IsDefined(typeof(NonSerializedAttribute), inherit: false));

    private static bool IsPlainFramework(Type type) =>
        type.IsValueType
        || s_plainClasses.Contains(type)
        || type.FullName!.StartsWith("System.Tuple`", StringComparison.Ordinal)
        || (s_plainNamespaces.Contains(type.Namespace) && !IsOrDerivesFromHashed(type));

    private static bool IsOrDerivesFromHashed(Type type)
    {
        for (Type? t = type; t is not null; t = t.BaseType)
        {
            if (HashedShape.For(t) is not null || t.Name is "OrderedDictionary`2" or "KeyedCollection`2")
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A value that needs no identity and holds no other objects than strings.</summary>
    private static bool IsLeaf(Type type)
    {
        bool isNumber = type.IsPrimitive && type != typeof(nint) && type != typeof(nuint);
        if (isNumber || type.IsEnum || s_leaves.Contains(type))
        {
            return true;
        }

        bool plain = type.IsValueType && !type.IsByRefLike && Refusals.ReasonFor(type) is null
            && (!Modules.IsFramework(type.Assembly) || IsPlainTuple(type));
        return plain && Array.TrueForAll(ObjectFields.Of(type), static f => IsLeaf(f.FieldType));
    }

    private static bool IsPlainTuple(Type type) =>
        type.IsGenericType && (type.GetGenericTypeDefinition() == typeof(Nullable<>)
            || type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>)
            || type.FullName!.StartsWith("System.ValueTuple`", StringComparison.Ordinal));

    /// <summary>A collection whose elements are plain records, so that nobody can miss their identity.</summary>
    private bool IsBulk(Type type) =>
        type.IsArray ? IsPlainRecord(type.GetElementType()!)
        : type.IsGenericType && IsBulkDefinition(type.GetGenericTypeDefinition())
            && Array.TrueForAll(type.GetGenericArguments(), IsPlainRecord);

    private static bool IsBulkDefinition(Type definition) =>
        definition == typeof(List<>) || definition == typeof(Dictionary<,>) || definition == typeof(HashSet<>);

    private bool IsPlainRecord(Type type)
    {
        if (_bulk.TryGetValue(type, out bool known))
        {
            return known;
        }

        // A type that leads back to itself may form cycles: it is not plain.
        _bulk[type] = false;
        bool plain = IsLeaf(type) || IsBulk(type) || IsImmutable(type);
        _bulk[type] = plain;
        return plain;
    }

    private bool IsImmutable(Type type) =>
        !type.IsInterface && !type.IsAbstract && !typeof(Delegate).IsAssignableFrom(type)
        && (!Modules.IsFramework(type.Assembly) || IsPlainTuple(type))
        && Refusals.ReasonFor(type) is null
        && Array.TrueForAll(
            ObjectFields.Of(type), f => (f.IsInitOnly || type.IsValueType) && IsPlainRecord(f.FieldType));

    private static RecordCodec? Codec(Type type)
    {
        try
        {
            return RecordCodec.For(type);
        }
        catch (UncodableTypeException)
        {
            // Not a record: it goes field by field, where the refusal names the path from the lambda.
            return null;
        }
    }
}

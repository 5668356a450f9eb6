using System.Collections;
using System.Reflection;

namespace Lepton.Core.Records.Compilation;

/// <summary>Why types that are neither leaves nor collections can't be coded, and what to do instead.</summary>
internal static class Refusals
{
    public const string LeaveOutAdvice =
        "Or leave the member out: mark its field [NonSerialized] ([field: NonSerialized] on a property), and it is default after reading.";

    private const string WorkAdvice = "it is work under way in this process. Carry its input or its result.";
    private const string OpenTail = "is open in this process only. Carry its path or address and open it where the record is read.";
    private const string OpenAdvice = "it " + OpenTail;
    private const string CodeAdvice = "it stands for code of this process. Carry its name as a string.";

    /// <summary>Base types by full name, lest asking loads their assemblies.</summary>
    private static readonly (string Base, string Reason)[] Known =
    [
        ("System.Delegate", "a delegate is code with all that it captured. Carry the data, and make the delegate where the record is read."),
        ("System.IO.Stream", "a stream " + OpenTail),
        ("System.IO.TextReader", OpenAdvice),
        ("System.IO.TextWriter", OpenAdvice),
        ("System.IO.BinaryReader", OpenAdvice),
        ("System.IO.BinaryWriter", OpenAdvice),
        ("System.Net.Sockets.Socket", "a socket " + OpenTail),
        ("System.Net.Http.HttpMessageInvoker", OpenAdvice),
        ("System.Data.Common.DbConnection", "a connection " + OpenTail),
        ("System.Threading.Tasks.Task", WorkAdvice),
        ("System.Threading.Tasks.ValueTask", WorkAdvice),
        ("System.Threading.Tasks.ValueTask`1", WorkAdvice),
        ("System.Threading.CancellationToken", "a cancellation token belongs to this process. Pass it beside the record, not in it."),
        ("System.Threading.CancellationTokenSource", "it cancels work of this process only. Pass a token beside the record, not in it."),
        ("System.Threading.Thread", WorkAdvice),
        ("System.Threading.Timer", WorkAdvice),
        ("System.Threading.WaitHandle", "it is a lock of this process. Locks can't be shared by copying them."),
        ("System.Runtime.InteropServices.SafeHandle", "a handle means something in this process only. Carry the data behind it."),
        ("System.Runtime.InteropServices.CriticalHandle", "a handle means something in this process only. Carry the data behind it."),
        ("System.Reflection.MemberInfo", CodeAdvice),
        ("System.Reflection.Assembly", CodeAdvice),
        ("System.Reflection.Module", CodeAdvice),
        ("System.Exception", "an exception holds traces and objects of this process. Carry its type's name and its message."),
        ("System.Lazy`1", "its value may not be there yet. Carry the value."),
        ("System.WeakReference", "its target may be gone. Carry the target."),
        ("System.WeakReference`1", "its target may be gone. Carry the target."),
        ("System.Text.StringBuilder", "it is a buffer. Carry its text as a string."),
        ("System.Random", "its state is hidden. Carry a seed."),
        ("System.Array", "its element type and rank are unknown. Declare them: T[] or T[,]."),
        ("System.Enum", "its numbers are unknown. Declare the enum itself."),
    ];

    /// <summary>Keys that Microsoft signs .NET and its libraries with; their classes' private state is not ours to copy.</summary>
    private static readonly string[] FrameworkKeys =
        ["7cec85d7bea7798e", "b77a5c561934e089", "b03f5f7f11d50a3a", "cc7b13ffcd2ddd51", "adb9793829ddae60", "31bf3856ad364e35"];

    /// <summary>The reason and the advice, or null when the type's fields may be carried.</summary>
    public static string? Find(Type type) =>
        Shape(type) ?? Interface(type) ?? KnownBase(type) ?? (IsTuple(type) ? null : Framework(type) ?? Own(type));

    /// <summary>Tuples, value tuples, and pairs of key and value.</summary>
    public static bool IsTuple(Type type) =>
        type.Assembly == typeof(object).Assembly && type.FullName is string name
        && (name.StartsWith("System.ValueTuple", StringComparison.Ordinal)
            || name.StartsWith("System.Tuple`", StringComparison.Ordinal)
            || name.StartsWith("System.Collections.Generic.KeyValuePair`2", StringComparison.Ordinal));

    private static string? Shape(Type type) =>
        type == typeof(void) ? "void has no values."
        : type.IsPointer || type.IsFunctionPointer || type == typeof(nint) || type == typeof(nuint)
            ? "a pointer means something in this process only. Carry the data behind it, or a long."
        : type.IsByRef || type.IsByRefLike ? "it may point into the stack. Carry an array, or ReadOnlyMemory<T>."
        : type.ContainsGenericParameters ? "it is an open generic type. Fill in its type arguments."
        : type == typeof(object) ? "an object can be anything, and the reader could not tell what it was. Declare the type that it has."
        : type.IsArray ? "its index does not start at 0. Use T[]."
        : null;

    private static string? Interface(Type type)
    {
        if (!type.IsInterface)
        {
            return null;
        }

        string name = type.IsGenericType ? type.GetGenericTypeDefinition().FullName! : type.FullName!;
        return name switch
        {
            "System.Collections.Generic.IEnumerable`1" or "System.Linq.IQueryable`1" or "System.Linq.IGrouping`2"
                or "System.Collections.Generic.IAsyncEnumerable`1" or "System.Linq.IOrderedEnumerable`1" =>
                "it may be lazy, endless, or different each time. Call ToList() or ToArray(), and declare List<T>, T[] or IReadOnlyList<T>.",
            _ => "an interface can be any type, and the reader could not tell which it was. Declare the concrete type.",
        };
    }

    private static string? KnownBase(Type type)
    {
        for (Type? level = type; level is not null; level = level.BaseType)
        {
            string? name = level.IsGenericType ? level.GetGenericTypeDefinition().FullName : level.FullName;
            foreach ((string known, string reason) in Known)
            {
                if (known == name && !(known == "System.Enum" && type.IsEnum && type != level))
                {
                    return reason;
                }
            }
        }

        return type.IsAbstract
            ? "an abstract class can be any of its subclasses, and the reader could not tell which it was. Declare the concrete " +
              "class, or one record that has a field for the kind."
            : null;
    }

    private static string? Framework(Type type)
    {
        if (!IsFramework(type) || IsPlainStruct(type))
        {
            return null;
        }

        return typeof(IEnumerable).IsAssignableFrom(type)
            ? "records know the collections T[], List<T>, Dictionary<TKey, TValue>, HashSet<T>, ImmutableArray<T> and their " +
              "interfaces, but not this one. Copy it into one of those."
            : "it is a type of .NET whose private state differs from version to version. Carry what you need of it in a record of your own.";
    }

    private static string? Own(Type type)
    {
        if (typeof(IDisposable).IsAssignableFrom(type) || typeof(IAsyncDisposable).IsAssignableFrom(type))
        {
            return "it is disposable, so it owns something that a copy can't own too. Carry what it takes to make it anew.";
        }

        if (HasFinalizer(type))
        {
            return "it has a finalizer, so it owns something that a copy can't own too. Carry what it takes to make it anew.";
        }

        if (typeof(IEnumerator).IsAssignableFrom(type))
        {
            return "it is the state of a running enumeration. Call ToList() and carry the list.";
        }

        if (RecordFields.HasHiddenElements(type))
        {
            return "it is, or has, a buffer of fixed size, whose elements are hidden from reflection. Use an array.";
        }

        Type? above = type.IsValueType ? null : type.BaseType;
        while (above is not null && above != typeof(object))
        {
            if (IsFramework(above))
            {
                return $"it derives from {TypeNames.Full(above)}, whose private state differs from version to version. " +
                    "Hold it as a member, in a form that records carry, instead of deriving from it.";
            }

            above = above.BaseType;
        }

        return null;
    }

    private static bool HasFinalizer(Type type)
    {
        MethodInfo? method = type.IsValueType ? null : type.GetMethod(
            "Finalize", BindingFlags.Instance | BindingFlags.NonPublic, Type.EmptyTypes);
        return method is not null && method.DeclaringType != typeof(object);
    }

    private static bool IsFramework(Type type)
    {
        byte[]? key = type.Assembly.GetName().GetPublicKeyToken();
        return key is { Length: > 0 } && FrameworkKeys.Contains(Convert.ToHexStringLower(key));
    }

    /// <summary>Structs of .NET made of nothing but numbers, whose bits are the value: Complex, Vector3, Range, Point.</summary>
    private static bool IsPlainStruct(Type type) =>
        type.IsValueType
        && !RecordFields.HasHiddenElements(type)
        && !(type.Namespace ?? string.Empty).StartsWith("System.Threading", StringComparison.Ordinal)
        && !(type.Namespace ?? string.Empty).StartsWith("System.Runtime", StringComparison.Ordinal)
        && !(type.IsGenericType && type.GetGenericTypeDefinition() == typeof(System.Numerics.Vector<>))
        && RecordFields.Of(type).All(field => IsNumber(field.FieldType) || IsPlainStruct(field.FieldType));

    private static bool IsNumber(Type type) => type.IsPrimitive && type != typeof(nint) && type != typeof(nuint);
}

using System.Reflection;
using System.Runtime.CompilerServices;

namespace Lepton.Compute.Functions;

/// <summary>
/// What the names that C# and Visual Basic compilers give to closures, state machines and lambdas tell. The names are
/// not part of the language, but they have been stable since Roslyn's first release, debuggers rely on them, and a name
/// that is not recognised only makes Lepton send more than it needs to.
/// </summary>
internal static class CompilerNames
{
    /// <summary>
    /// A class that holds the captured variables of one scope (or none: the holder of static lambdas).
    /// </summary>
    public static bool IsClosureClass(Type type) =>
        type.IsNested && (type.Name.StartsWith("<>c", StringComparison.Ordinal)
            || type.Name.StartsWith("_Closure$__", StringComparison.Ordinal)) && IsMarkedGenerated(type);

    /// <summary>A closure, a state machine of an async method or iterator, or an anonymous type.</summary>
    public static bool IsGeneratedClass(Type type) =>
        (type.Name.StartsWith('<') || type.Name.StartsWith("_Closure$__", StringComparison.Ordinal)
            || type.Name.StartsWith("VB$", StringComparison.Ordinal)) && IsMarkedGenerated(type);

    /// <summary>
    /// A state machine of an iterator or an async method: a sequence or a computation that is under way.
    /// </summary>
    public static bool IsStateMachine(Type type) =>
        type.Name.StartsWith('<') && type.Name.Contains(">d__", StringComparison.Ordinal) && IsMarkedGenerated(type);

    /// <summary>A lambda or a local function, whose code only the compiler can call.</summary>
    public static bool IsGeneratedMethod(MethodBase method) => method.Name.StartsWith('<');

    /// <summary>
    /// A field through which a closure reaches its surroundings, an outer closure or <c>this</c>, rather than a
    /// variable of the user: nobody but compiled lambdas can read it.
    /// </summary>
    public static bool IsLinkToOuterScope(FieldInfo field) =>
        IsThisLink(field) || IsClosureClass(field.FieldType);

    /// <summary>The field of a closure or a state machine that holds <c>this</c> of the method around it.</summary>
    public static bool IsThisLink(FieldInfo field) => field.Name is "<>4__this" or "$VB$Me";

    /// <summary>
    /// The field in which a closure keeps a delegate it has made already; an empty one is filled again.
    /// </summary>
    public static bool IsDelegateCache(FieldInfo field) =>
        field.Name.StartsWith("<>9__", StringComparison.Ordinal) && typeof(Delegate).IsAssignableFrom(field.FieldType);

    /// <summary>The name that the user gave to what the field stores; null when he gave none.</summary>
    public static string? UserName(FieldInfo field)
    {
        string name = field.Name;
        if (IsThisLink(field))
        {
            return "this";
        }

        if (IsClosureClass(field.FieldType) && name.Contains('$', StringComparison.Ordinal))
        {
            return null;
        }

        if (name.StartsWith("$VB$Local_", StringComparison.Ordinal))
        {
            return name["$VB$Local_".Length..];
        }

        // <Name>k__BackingField of an automatic property, <name>P of a primary constructor, <name>5__2 of an iterator.
        int end = name.StartsWith('<') ? name.IndexOf('>', StringComparison.Ordinal) : -1;
        return end > 1 ? name[1..end] : name;
    }

    private static bool IsMarkedGenerated(Type type)
    {
        // What is nested in a generated class, as the state machine of an async lambda is, goes without a mark of its
        // own.
        for (Type? t = type; t is not null; t = t.DeclaringType)
        {
            if (t.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false))
            {
                return true;
            }
        }

        return false;
    }
}

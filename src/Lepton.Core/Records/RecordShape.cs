using System.Reflection;
using System.Text;
using Lepton.Core.Records.Compilation;

namespace Lepton.Core.Records;

/// <summary>
/// What the bytes of a type's records mean, as text: records that were written are only good for a type of the same
/// shape. Fields travel by their order, without their names, so another name may be another place. Thread safe.
/// </summary>
public static class RecordShape
{
    /// <summary>
    /// The type's name; behind that of a record, class or struct of the user's, its fields in the order in which they
    /// travel, each with its shape. Without spaces.
    /// </summary>
    public static string Of<T>()
    {
        var text = new StringBuilder();
        Write(text, typeof(T), []);
        return text.ToString();
    }

    private static void Write(StringBuilder text, Type type, HashSet<Type> seen)
    {
        if (type.IsArray)
        {
            Write(text, type.GetElementType()!, seen);
            text.Append('[').Append(',', type.GetArrayRank() - 1).Append(']');
            return;
        }

        text.Append((type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName);
        if (type.IsGenericType)
        {
            WriteList(text, '<', type.GetGenericArguments(), '>', static (text, part, seen) => Write(text, part, seen),
                seen);
        }

        if (type.IsEnum)
        {
            text.Append(':').Append(Enum.GetUnderlyingType(type).FullName);
        }
        else if (HasFields(type) && seen.Add(type))
        {
            WriteList(text, '{', RecordFields.Of(type), '}', WriteField, seen);
        }
    }

    // Those of the framework have codecs by their meaning, and those with codecs of their own answer for themselves.
    private static bool HasFields(Type type) =>
        type.Assembly != typeof(object).Assembly
        && !type.IsInterface
        && !type.IsDefined(typeof(RecordCodecAttribute), inherit: false)
        && type.Namespace?.StartsWith("System", StringComparison.Ordinal) != true;

    private static void WriteField(StringBuilder text, FieldInfo field, HashSet<Type> seen)
    {
        text.Append(RecordFields.SourceName(field.Name)).Append(':');
        Write(text, field.FieldType, seen);
    }

    private static void WriteList<TPart>(
        StringBuilder text, char open, IReadOnlyList<TPart> parts, char close,
        Action<StringBuilder, TPart, HashSet<Type>> write, HashSet<Type> seen)
    {
        text.Append(open);
        for (int i = 0; i < parts.Count; i++)
        {
            text.Append(i == 0 ? "" : ",");
            write(text, parts[i], seen);
        }

        text.Append(close);
    }
}

using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;

namespace Lepton.Compute.Functions;

/// <summary>Takes an object of the framework apart into plain parts, and makes an equal one from them.</summary>
/// <param name="Id">Its number in the encoding.</param>
/// <param name="Parts">The parts, of types that can be sent; null for an object bound to this process.</param>
/// <param name="Build">An equal object.</param>
internal sealed record Rebuilder(byte Id, Func<object, object?[]?> Parts, Func<object?[], object?> Build)
{
    private static readonly StringComparer[] s_comparers =
    [
        StringComparer.Ordinal, StringComparer.OrdinalIgnoreCase, StringComparer.InvariantCulture,
        StringComparer.InvariantCultureIgnoreCase,
    ];

    private static readonly Rebuilder[] s_all =
    [
        new(
            0,
            static o => Array.IndexOf(s_comparers, (StringComparer)o) is var i and >= 0 ? [i] : null,
            static p => s_comparers[(int)p[0]!]),
        new(
            1,
            static o => [DefaultComparerOf(o.GetType())],
            static p => ((Type)p[0]!).GetProperty("Default")!.GetValue(null)),
        new(
            2,
            static o => [((Regex)o).ToString(), (int)((Regex)o).Options, ((Regex)o).MatchTimeout],
            static p => new Regex((string)p[0]!, (RegexOptions)(int)p[1]!, (TimeSpan)p[2]!)),
        new(
            3,
            static o => IsPlain((CultureInfo)o) ? [((CultureInfo)o).Name] : null,
            static p => CultureInfo.GetCultureInfo((string)p[0]!)),
        new(4, static o => PartsOf((Encoding)o), EncodingOf),
        new(
            5,
            static o => [((TimeZoneInfo)o).ToSerializedString()],
            static p => TimeZoneInfo.FromSerializedString((string)p[0]!)),
        new(6, static _ => [], static _ => ReferenceEqualityComparer.Instance),
        new(7, static _ => [], static _ => TimeProvider.System),
    ];

    /// <summary>The rebuilder for objects of a run-time type; null when there is none.</summary>
    public static Rebuilder? For(Type type) =>
        Array.Exists(s_comparers, c => c.GetType() == type) ? s_all[0]
        : DefaultComparerOf(type) is not null ? s_all[1]
        : typeof(Regex).IsAssignableFrom(type) ? s_all[2]
        : type == typeof(CultureInfo) ? s_all[3]
        : typeof(Encoding).IsAssignableFrom(type) && Modules.IsFramework(type.Assembly) ? s_all[4]
        : type == typeof(TimeZoneInfo) ? s_all[5]
        : type == typeof(ReferenceEqualityComparer) ? s_all[6]
        : type == TimeProvider.System.GetType() ? s_all[7]
        : null;

    /// <summary>The rebuilder with a number; null when there is none.</summary>
    public static Rebuilder? Numbered(byte id) => id < s_all.Length ? s_all[id] : null;

    /// <summary>A culture travels by its name: one whose formats were changed can't.</summary>
    private static bool IsPlain(CultureInfo culture)
    {
        var named = CultureInfo.GetCultureInfo(culture.Name);
        return Same(culture.NumberFormat, named.NumberFormat)
            && Same(culture.DateTimeFormat, named.DateTimeFormat)
            && culture.Calendar.GetType() == named.Calendar.GetType();
    }

    private static bool Same(object changed, object named) =>
        changed.GetType().GetProperties(BindingFlags.Instance | BindingFlags.Public)
            .Where(property => property.PropertyType != typeof(Calendar) && property.Name != "IsReadOnly")
            .All(property => (property.GetValue(changed), property.GetValue(named)) switch
            {
                (Array one, Array other) => one.Cast<object>().SequenceEqual(other.Cast<object>()),
                var (one, other) => Equals(one, other),
            });

    private static object?[]? PartsOf(Encoding encoding)
    {
        object?[] parts =
            [encoding.CodePage, encoding.Preamble.Length > 0, encoding.DecoderFallback is DecoderExceptionFallback];
        return EncodingOf(parts).Equals(encoding) ? parts : null;
    }

    private static Encoding EncodingOf(object?[] parts)
    {
        int codePage = (int)parts[0]!;
        bool throws = (bool)parts[2]!;
        return codePage == Encoding.UTF8.CodePage ? new UTF8Encoding((bool)parts[1]!, throws)
            : throws ? Encoding.GetEncoding(codePage, new EncoderExceptionFallback(), new DecoderExceptionFallback())
            : Encoding.GetEncoding(codePage);
    }

    /// <summary>Comparer&lt;T&gt; or EqualityComparer&lt;T&gt; when the type is that of its default instance.</summary>
    private static Type? DefaultComparerOf(Type type)
    {
        for (Type? t = type; t is not null && Modules.IsFramework(type.Assembly); t = t.BaseType)
        {
            if (t.IsGenericType && t.GetGenericTypeDefinition() is { } definition
                && (definition == typeof(Comparer<>) || definition == typeof(EqualityComparer<>))
                && t.GetProperty("Default")!.GetValue(null)!.GetType() == type)
            {
                return t;
            }
        }

        return null;
    }
}

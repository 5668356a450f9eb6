using System.Reflection;

namespace Lepton.Compute.Formats;

/// <summary>The constructor and the members by which a type is read and written.</summary>
/// <param name="Constructor">The constructor, or null for a struct that has none.</param>
/// <param name="Members">Those that the constructor takes, in its order; then the others.</param>
internal sealed record CsvMembers(ConstructorInfo? Constructor, IReadOnlyList<CsvMember> Members)
{
    private const BindingFlags Public = BindingFlags.Public | BindingFlags.Instance;

    /// <exception cref="UnmappableTypeException">The type has no fitting constructor, or a member that no field can
    /// hold.</exception>
    public static CsvMembers Of(Type type)
    {
        if (type.IsAbstract || type.IsInterface || type.IsPrimitive || type.IsPointer || type == typeof(object))
        {
            throw new UnmappableTypeException(type, null, "it can't be created. Use a record, a class with settable " +
                "properties, a tuple or an array.");
        }

        MemberInfo[] readable = [.. type.GetProperties(Public).Where(IsReadable), .. type.GetFields(Public)];
        ConstructorInfo? constructor = ConstructorOf(type, readable);
        ParameterInfo[] parameters = constructor?.GetParameters() ?? [];
        var nullability = new NullabilityInfoContext();
        var members = new List<CsvMember>();
        foreach (ParameterInfo parameter in parameters)
        {
            MemberInfo property = PropertyOf(parameter, readable)!;
            string name = parameter.GetCustomAttribute<CsvColumnAttribute>()?.Name ?? NameOf(property);
            bool isNullable = parameter.ParameterType == typeof(string)
                && nullability.Create(parameter).WriteState == NullabilityState.Nullable;
            members.Add(new CsvMember(
                name, parameter.ParameterType, property, IsParameter: true, isNullable, parameter.HasDefaultValue,
                    DefaultOf(parameter)));
        }

        foreach (MemberInfo member in readable.Where(member => IsColumn(member)
            && !parameters.Any(p => PropertyOf(p, [member]) is not null)))
        {
            NullabilityInfo info = member is PropertyInfo property ? nullability.Create(property)
                : nullability.Create((FieldInfo)member);
            bool isNullable = TypeOf(member) == typeof(string) && info.WriteState == NullabilityState.Nullable;
            members.Add(new CsvMember(NameOf(member), TypeOf(member), member, IsParameter: false, isNullable,
                IsOptional: false, null));
        }

        Check(type, members);
        return new CsvMembers(constructor, members);
    }

    public static Type TypeOf(MemberInfo member) =>
        member is PropertyInfo property ? property.PropertyType : ((FieldInfo)member).FieldType;

    private static void Check(Type type, List<CsvMember> members)
    {
        if (members.Count == 0)
        {
            throw new UnmappableTypeException(type, null, "it has no public property that can be set. Use a record, " +
                "or add { get; init; } properties.");
        }

        if (members.Find(member => !FieldCodecs.IsSupported(member.Type)) is { } unsupported)
        {
            throw new UnmappableTypeException(type, unsupported.Property.Name,
                $"it is a {unsupported.Type.Name}, but fields hold only {FieldCodecs.SupportedTypes}. Put " +
                "[CsvIgnore] on a property to leave it out.");
        }

        if (members.GroupBy(member => member.Name, StringComparer.Ordinal)
            .FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new UnmappableTypeException(type, twice.Last().Property.Name,
                $"the column '{twice.Key}' is taken by {twice.First().Property.Name} already. Name another with " +
                "[CsvColumn].");
        }
    }

    private static ConstructorInfo? ConstructorOf(Type type, MemberInfo[] readable)
    {
        ConstructorInfo[] all = type.GetConstructors(Public);
        ConstructorInfo? best = all
            .Where(constructor => constructor.GetParameters()
                .All(parameter => PropertyOf(parameter, readable) is not null))
            .MaxBy(constructor => constructor.GetParameters().Length);
        if (best is null && !type.IsValueType)
        {
            throw new UnmappableTypeException(type, null,
                "it has no public constructor whose parameters all have a property of the same name and type. Use a " +
                "record, or a parameterless constructor with settable properties.");
        }

        return best;
    }

    private static MemberInfo? PropertyOf(ParameterInfo parameter, MemberInfo[] readable) => Array.Find(readable,
        member => string.Equals(member.Name, parameter.Name, StringComparison.OrdinalIgnoreCase)
            && TypeOf(member) == parameter.ParameterType);

    private static bool IsReadable(PropertyInfo property) =>
        property.GetMethod is { IsPublic: true } && property.GetIndexParameters().Length == 0;

    private static bool IsColumn(MemberInfo member)
    {
        bool isSettable = member is PropertyInfo property ? property.SetMethod is { IsPublic: true }
            : !((FieldInfo)member).IsInitOnly;
        return isSettable && !member.IsDefined(typeof(CsvIgnoreAttribute));
    }

    private static string NameOf(MemberInfo member) =>
        member.GetCustomAttribute<CsvColumnAttribute>()?.Name ?? member.Name;

    private static object? DefaultOf(ParameterInfo parameter)
    {
        object? value = parameter.HasDefaultValue ? parameter.DefaultValue : null;
        Type type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;

        // A default enum value may come as its number, which does not unbox.
        return value is not null && type.IsEnum ? Enum.ToObject(type, value) : value;
    }
}

using System.Globalization;
using System.Reflection;

namespace Lepton.Torch.Modules;

/// <summary>
/// What a module is made of: the parameters, buffers and modules in its fields, in their order in the code.
/// </summary>
internal static class ModuleMembers
{
    /// <summary>The members that are there now, base classes first; missing ones (null) are passed over.</summary>
    /// <exception cref="InvalidOperationException">Two members have the same name in the state.</exception>
    public static List<(string Name, object Value)> Of(Module module)
    {
        var members = new List<(string Name, object Value)>();
        foreach (Type type in LineageOf(module.GetType()))
        {
            foreach (FieldInfo field in FieldsOf(type))
            {
                MemberInfo member = WrittenAs(field);
                if (member.GetCustomAttribute<NotStateAttribute>() is null)
                {
                    string name = member.GetCustomAttribute<StateNameAttribute>()?.Name ?? StateNames.Of(field.Name);
                    Add(members, name, field.GetValue(module));
                }
            }
        }

        members.AddRange(module.Registered);
        RequireDistinct(module, members);
        return members;
    }

    private static void Add(List<(string Name, object Value)> members, string name, object? value)
    {
        switch (value)
        {
            case Module or Parameter or ModuleBuffer:
                members.Add((name, value));
                break;
            case IEnumerable<Module> several:
                AddAll(members, name, several);
                break;
            case IEnumerable<Parameter> several:
                AddAll(members, name, several);
                break;
        }
    }

    private static void AddAll(List<(string Name, object Value)> members, string name, IEnumerable<object> several)
    {
        int place = 0;
        foreach (object? value in several)
        {
            if (value is not null)
            {
                members.Add((string.Create(CultureInfo.InvariantCulture, $"{name}.{place}"), value));
            }

            place++;
        }
    }

    private static Stack<Type> LineageOf(Type type)
    {
        var lineage = new Stack<Type>();
        for (Type? at = type; at is not null && at != typeof(Module); at = at.BaseType)
        {
            lineage.Push(at);
        }

        return lineage;
    }

    // The runtime does not promise an order of fields; their tokens are numbered in the order of the code.
    private static IEnumerable<FieldInfo> FieldsOf(Type type) =>
        type.GetFields(
                BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            .Where(field => !field.FieldType.IsValueType && !field.FieldType.IsPointer)
            .OrderBy(field => field.MetadataToken);

    /// <summary>The field, or the property for which the compiler made it: attributes stand there.</summary>
    private static MemberInfo WrittenAs(FieldInfo field) =>
        field.Name.StartsWith('<') && field.Name.IndexOf('>', StringComparison.Ordinal) is var end and > 1
            && field.DeclaringType!.GetProperty(
                field.Name[1..end],
                BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            is { } property
            ? property : field;

    private static void RequireDistinct(Module module, List<(string Name, object Value)> members)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach ((string name, object _) in members)
        {
            if (!names.Add(name))
            {
                throw new InvalidOperationException(
                    $"Two members of {module.GetType()} are called '{name}' in its state. Give one of them another " +
                    $"name: [{nameof(StateNameAttribute)[..^"Attribute".Length]}(\"...\")].");
            }
        }
    }
}

using System.Reflection;
using Lepton.Analyzers.Capturing;
using Lepton.Core.Records;
using Microsoft.CodeAnalysis.CSharp;

namespace Lepton.Analyzers.Tests.Capturing;

/// <summary>
/// Three places know types that live in one process only: the analyzer, which sees declarations; the encoder of
/// functions, which sees objects; and the codec of records. Each has words of its own. What one of them refuses by name
/// the others refuse too, but for what is named here.
/// </summary>
public sealed class AgreementTests
{
    private static readonly string[] s_platform =
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);

    private static readonly CSharpCompilation s_compilation = CSharpCompilation.Create(
        "Agreement", [], s_platform.Where(IsFramework).Select(path =>
            Microsoft.CodeAnalysis.MetadataReference.CreateFromFile(path)));

    /// <summary>Not of the framework itself, and so not at hand here.</summary>
    private static readonly string[] s_elsewhere =
        ["Microsoft.Extensions.Logging.ILogger", "System.Net.Http.IHttpClientFactory"];

    /// <summary>A record can't hold them, but a function can be sent with them: code, and text.</summary>
    private static readonly string[] s_sendable = ["System.Delegate", "System.Text.StringBuilder"];

    /// <summary>
    /// Some that derive from them can be sent, so that a declaration tells nothing: a Type is a MemberInfo, an int[] an
    /// Array, and exceptions of the user's own may be plain. What is declared as Lazy is judged by its value.
    /// </summary>
    private static readonly string[] s_undeclared =
    [
        "System.Reflection.MemberInfo", "System.Array", "System.Enum", "System.Exception", "System.Lazy`1",
    ];

    public static TheoryData<string> Names =>
    [
        .. Reasons.ByTypeName.Select(pair => pair.Key).Concat(OfFunctions()).Concat(OfRecords())
            .Distinct().Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public void Type_RefusedByName_IsRefusedByAll(string name)
    {
        if (Find(name) is not { } type)
        {
            Assert.Contains(name, s_elsewhere);
            return;
        }

        // The encoder sees objects, and no object is of an interface.
        bool isEncoders = !type.IsInterface && !IsSendable(type);
        string[] refusing =
        [
            IsMarked(name) ? "analyzer" : "", isEncoders ? "encoder" : "", IsCodable(type) ? "" : "codec",
        ];

        Assert.Equal(
            type.IsInterface ? "analyzer, codec"
            : s_sendable.Contains(name) ? "codec"
            : s_undeclared.Contains(name) ? "encoder, codec"
            : "analyzer, encoder, codec",
            string.Join(", ", refusing.Where(who => who.Length > 0)));
    }

    private static IEnumerable<string> OfFunctions() =>
        (((Type Base, string Reason)[])FieldOf("Lepton.Compute.Functions.Refusals, Lepton.Compute", "s_reasons"))
            .Select(entry => entry.Base.FullName!);

    private static IEnumerable<string> OfRecords() =>
        ((string[][])FieldOf("Lepton.Core.Records.Compilation.Refusals, Lepton.Core", "Known")).Select(pair => pair[0]);

    private static object FieldOf(string type, string field) => Type.GetType(type, throwOnError: true)!
        .GetField(field, BindingFlags.NonPublic | BindingFlags.Static)!.GetValue(null)!;

    private static bool IsMarked(string name) =>
        new Sendability(s_compilation, []).ObstacleOf(s_compilation.GetTypeByMetadataName(name)) is not null;

    private static bool IsSendable(Type type)
    {
        Type rules = Type.GetType("Lepton.Compute.Functions.SendRules, Lepton.Compute", throwOnError: true)!;
        object rule = rules.GetMethod("For")!.Invoke(Activator.CreateInstance(rules), [type])!;
        return rule.GetType().GetProperty("Kind")!.GetValue(rule)!.ToString() != "Refused";
    }

    private static bool IsCodable(Type type)
    {
        try
        {
            RecordCodec.For(type);
            return true;
        }
        catch (UncodableTypeException)
        {
            return false;
        }
    }

    private static Type? Find(string name)
    {
        Type? type = s_platform.Where(IsFramework)
            .Select(path => Assembly.Load(Path.GetFileNameWithoutExtension(path)).GetType(name))
            .FirstOrDefault(found => found is not null);
        return type is { IsGenericTypeDefinition: true }
            ? type.MakeGenericType([.. type.GetGenericArguments().Select(argument =>
                argument.GenericParameterAttributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint)
                    ? typeof(string)
                    : typeof(int))])
            : type;
    }

    private static bool IsFramework(string path) =>
        Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal);
}

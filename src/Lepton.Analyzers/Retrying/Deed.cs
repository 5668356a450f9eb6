using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Lepton.Analyzers.Retrying;

/// <summary>Something that does not give the same twice.</summary>
/// <param name="verb">What the code does: "reads the clock (DateTime.UtcNow)".</param>
/// <param name="advice">What to do instead: whole sentences.</param>
internal sealed class Deed(string verb, string advice)
{
    private const string ClockAdvice = "Read the clock before the job, and capture the value in a local.";

    private const string RandomAdvice =
        "Pass the value in, or create a SeededRandom inside the lambda, from a seed and the partition's number.";

    private const string IdAdvice =
        "Make the id from the data, or draw it from a SeededRandom of a seed and the partition's number.";

    private const string HashAdvice = "Use StableHash, which is the same in every process.";

    private static readonly HashSet<string> s_clocks = new(StringComparer.Ordinal)
    {
        "System.DateTime.Now", "System.DateTime.UtcNow", "System.DateTime.Today", "System.DateTimeOffset.Now",
        "System.DateTimeOffset.UtcNow", "System.Environment.TickCount", "System.Environment.TickCount64",
        "System.TimeProvider.System", "System.Diagnostics.Stopwatch.GetTimestamp",
        "System.Diagnostics.Stopwatch.StartNew",
    };

    private static readonly HashSet<string> s_ids = new(StringComparer.Ordinal)
    {
        "System.Guid.NewGuid", "System.Guid.CreateVersion7", "System.IO.Path.GetRandomFileName",
    };

    public string Verb { get; } = verb;

    public string Advice { get; } = advice;

    /// <summary>The deed of one operation; null if it does none.</summary>
    public static Deed? Of(IOperation operation) => operation switch
    {
        IPropertyReferenceOperation property => OfMember(property.Property),
        IInvocationOperation call => OfMember(call.TargetMethod),
        IMethodReferenceOperation group => OfMember(group.Method),
        IObjectCreationOperation { Constructor: { } constructor } => OfConstructor(constructor),
        _ => null,
    };

    private static Deed? OfMember(ISymbol member)
    {
        if (member.ContainingType is not { } type)
        {
            return null;
        }

        var typeName = type.ToDisplayString();
        var shortName = $"{type.Name}.{member.Name}";
        var name = $"{typeName}.{member.Name}";
        if (s_clocks.Contains(name))
        {
            return new Deed($"reads the clock ({shortName})", ClockAdvice);
        }

        if (s_ids.Contains(name))
        {
            return new Deed($"makes a random id ({shortName})", IdAdvice);
        }

        if (name == "System.Random.Shared"
            || (member.IsStatic && typeName == "System.Security.Cryptography.RandomNumberGenerator"))
        {
            return new Deed($"draws unseeded random numbers ({shortName})", RandomAdvice);
        }

        return name == "string.GetHashCode" || typeName == "System.HashCode"
            ? new Deed($"computes a hash code whose seed differs in each process ({shortName})", HashAdvice)
            : null;
    }

    private static Deed? OfConstructor(IMethodSymbol constructor) => constructor.ContainingType.ToDisplayString() switch
    {
        "System.Random" when constructor.Parameters.Length == 0 =>
            new Deed("draws unseeded random numbers (new Random())", RandomAdvice),
        "System.Diagnostics.Stopwatch" => new Deed("reads the clock (new Stopwatch())", ClockAdvice),
        _ => null,
    };
}

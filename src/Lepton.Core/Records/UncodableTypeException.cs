namespace Lepton.Core.Records;

/// <summary>A type that records can't carry. The message gives the path of members that leads to it.</summary>
public sealed class UncodableTypeException(Type type, IReadOnlyList<string> path, string reason)
    : Exception($"{string.Join(" → ", [.. path, type.ToString()])} can't be coded as a record: {reason}")
{
    /// <summary>The type that can't be coded.</summary>
    public Type Type { get; } = type;

    /// <summary>The members that lead to it from the record, outermost first; empty when the record itself is refused.</summary>
    public IReadOnlyList<string> Path { get; } = path;

    /// <summary>Why, and what to do instead.</summary>
    public string Reason { get; } = reason;
}

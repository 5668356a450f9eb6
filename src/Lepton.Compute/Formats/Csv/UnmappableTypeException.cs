namespace Lepton.Compute.Formats;

/// <summary>A type that CSV rows can't be turned into. The message has the member, the reason and what to do.</summary>
public sealed class UnmappableTypeException(Type type, string? member, string reason)
    : Exception($"{(member is null ? type.Name : $"{type.Name}.{member}")} can't be read from or written to CSV: " +
    $"{reason}")
{
    /// <summary>The type of the rows.</summary>
    public Type Type { get; } = type;

    /// <summary>The member that can't be mapped, or null when it is the type as a whole.</summary>
    public string? Member { get; } = member;
}

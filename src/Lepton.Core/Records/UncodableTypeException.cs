namespace Lepton.Core.Records;

/// <summary>
/// A type that records can't carry. The message gives the path of members that leads to it, the type, the reason and what
/// to do: <c>Order → Customer → _socket : System.Net.Sockets.Socket can't be coded as a record: …</c>
/// </summary>
public sealed class UncodableTypeException(Type type, IReadOnlyList<string> path, string reason)
    : Exception(Describe(type, path) + " can't be coded as a record: " + reason)
{
    /// <summary>The type that can't be coded.</summary>
    public Type Type { get; } = type;

    /// <summary>
    /// The way to it, outermost first: the record's name, then the members; the last one is of <see cref="Type"/>. Empty
    /// when the record itself is refused.
    /// </summary>
    public IReadOnlyList<string> Path { get; } = path;

    /// <summary>Why, and what to do instead.</summary>
    public string Reason { get; } = reason;

    private static string Describe(Type type, IReadOnlyList<string> path) =>
        path.Count == 0 ? TypeNames.Full(type) : $"{string.Join(" → ", path)} : {TypeNames.Full(type)}";
}

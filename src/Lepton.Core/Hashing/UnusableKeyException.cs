using Lepton.Core.Records;

namespace Lepton.Core.Hashing;

/// <summary>
/// A type that can't be a key, because values of it that hold the same are not equal. The message names the operator,
/// the type, the path of members that leads to what is wrong, the reason and what to do.
/// </summary>
public sealed class UnusableKeyException(
    string operation, Type keyType, Type type, IReadOnlyList<string> path, string reason)
    : ArgumentException(
        $"{operation} can't take {TypeNames.Full(keyType)} as a key: {Describe(type, path)}{reason} Keys that " +
        "belong together would stay apart. Select a key first that is equal by value: a number, a string, a tuple or " +
        "record of such.")
{
    /// <summary>The key's type.</summary>
    public Type KeyType { get; } = keyType;

    /// <summary>The type that is not equal by value: the key's own, or that of one of its members.</summary>
    public Type Type { get; } = type;

    /// <summary>The members that lead to <see cref="Type"/>, outermost first; empty when it is the key's own.</summary>
    public IReadOnlyList<string> Path { get; } = path;

    private static string Describe(Type type, IReadOnlyList<string> path) =>
        path.Count == 0 ? "" : $"its member {string.Join(" → ", path)} is {TypeNames.Full(type)}, and ";
}

using Microsoft.CodeAnalysis;

namespace Lepton.Analyzers.Capturing;

/// <summary>What keeps a value from being sent.</summary>
/// <param name="path">Members that lead from the value to it, outermost first. Empty: the value itself.</param>
/// <param name="type">The type that can't be sent.</param>
/// <param name="reason">Whole sentences: why, and what to do.</param>
internal sealed class Obstacle(string[] path, ITypeSymbol type, string reason)
{
    public string[] Path { get; } = path;

    public ITypeSymbol Type { get; } = type;

    public string Reason { get; } = reason;

    public Obstacle Under(string member) => new([member, .. Path], Type, Reason);
}

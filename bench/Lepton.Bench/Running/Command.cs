namespace Lepton.Bench.Running;

/// <summary>A program with its arguments and what its environment has besides ours.</summary>
internal sealed record Command(string File, IReadOnlyList<string> Arguments)
{
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public override string ToString() => $"{File} {string.Join(' ', Arguments)}";
}

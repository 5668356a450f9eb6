namespace Lepton.Compute.Datasets;

/// <summary>A value, or none yet.</summary>
internal readonly struct Held<T>(T value)
{
    public readonly T Value = value;

    public readonly bool HasValue = true;
}

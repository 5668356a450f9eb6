using System.Globalization;

namespace Lepton.Training.Checkpoints;

/// <summary>What a checkpoint is called where it is: <c>step-000000050</c>.</summary>
internal static class CheckpointName
{
    public const string Prefix = "step-";

    public static string Of(long step) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{step:D9}");

    /// <summary>The step that a name is of; null where it is no checkpoint's.</summary>
    public static long? StepOf(string name) => name.StartsWith(Prefix, StringComparison.Ordinal)
        && long.TryParse(name.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out long step)
            ? step
            : null;
}

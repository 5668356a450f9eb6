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

    /// <summary>
    /// What goes once a checkpoint is finished: the oldest, beyond those that are kept. Later ones, which a run that
    /// was set back could not read, neither count nor go: they may be whole where somebody else looks.
    /// </summary>
    /// <param name="steps">Of all finished checkpoints, the newest first.</param>
    /// <param name="finished">The one that was just finished.</param>
    /// <param name="kept">How many are kept, it included.</param>
    public static IReadOnlyList<long> Outdated(IReadOnlyList<long> steps, long finished, int kept) =>
        [.. steps.Where(step => step <= finished).Skip(kept)];
}

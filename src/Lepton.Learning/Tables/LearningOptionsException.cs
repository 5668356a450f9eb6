using Lepton.Compute;

namespace Lepton.Learning;

/// <summary>Settings of an algorithm that can't work. All that is wrong is reported together.</summary>
public sealed class LearningOptionsException(string algorithm, IReadOnlyList<string> problems)
    : Exception($"{algorithm} can't run with these settings: {string.Join("; ", problems)}."), IExitCode
{
    /// <inheritdoc/>
    public int ExitCode => ExitCodes.Usage;

    /// <summary>One sentence for each setting: its name, its value and what was expected.</summary>
    public IReadOnlyList<string> Problems { get; } = problems;

    internal static void ThrowIfAny(string algorithm, List<string> problems)
    {
        if (problems.Count > 0)
        {
            throw new LearningOptionsException(algorithm, problems);
        }
    }
}

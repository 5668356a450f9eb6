using Lepton.Compute;

namespace Lepton.Learning;

/// <summary>
/// Data that can't be learned from or predicted on: not a number, empty, of one class only, of the wrong shape. The
/// message says what was wrong, in which row and column, what was expected and what to do.
/// </summary>
public sealed class LearningDataException(string message, int exitCode = ExitCodes.Usage)
    : Exception(message), IExitCode
{
    /// <inheritdoc/>
    public int ExitCode { get; } = exitCode;
}

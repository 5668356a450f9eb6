using Lepton.Compute;

namespace Lepton.Cli.CommandLine;

/// <summary>
/// What the user asked for can't be done as it was asked. The message says what was wrong and what to do.
/// </summary>
internal sealed class UsageException(
    string message, Exception? inner = null, int exitCode = ExitCodes.Usage) : Exception(message, inner), IExitCode
{
    /// <inheritdoc/>
    public int ExitCode => exitCode;
}

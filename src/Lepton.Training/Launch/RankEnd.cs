using System.Globalization;

namespace Lepton.Training.Launch;

/// <summary>How a rank ended.</summary>
/// <param name="Rank">The rank.</param>
/// <param name="ExitCode">What it returned; 128 and the signal that killed it.</param>
/// <param name="FailedAt">When it wrote what it failed of; null where it wrote nothing.</param>
/// <param name="Message">The exception that it failed of; null where it said nothing.</param>
/// <param name="Stack">Its managed stack.</param>
internal sealed record RankEnd(
    int Rank, int ExitCode, DateTime? FailedAt = null, string? Message = null, string? Stack = null)
{
    private const int Signals = 128;

    /// <summary>Whether it failed of a collective that a peer did not come to, or went away in.</summary>
    /// <remarks>A reduction within backward fails as backward does, with the words of Gloo's transport.</remarks>
    public bool LostItsPeers => Message is not null
        && (Message.StartsWith(nameof(Torch.CollectiveException), StringComparison.Ordinal)
            || Message.Contains("gloo/transport/", StringComparison.Ordinal));

    /// <summary>Why, in words.</summary>
    public string Reason => Message ?? (ExitCode > Signals
        ? string.Create(CultureInfo.InvariantCulture, $"killed by {SignalName(ExitCode - Signals)}")
        : string.Create(CultureInfo.InvariantCulture, $"exit code {ExitCode}"));

    private static string SignalName(int signal) => signal switch
    {
        6 => "SIGABRT",
        7 => "SIGBUS",
        9 => "SIGKILL (by hand, or for want of memory)",
        11 => "SIGSEGV",
        15 => "SIGTERM",
        _ => string.Create(CultureInfo.InvariantCulture, $"signal {signal}"),
    };
}

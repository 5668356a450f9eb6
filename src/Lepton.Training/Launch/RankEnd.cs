using System.Globalization;
using Lepton.Training.Ranks;

namespace Lepton.Training.Launch;

/// <summary>How a rank ended.</summary>
/// <param name="Rank">The rank.</param>
/// <param name="ExitCode">What it returned; 128 and the signal that killed it.</param>
/// <param name="FailedAt">When it wrote what it failed of; null where it wrote nothing.</param>
/// <param name="Message">The exception that it failed of; null where it said nothing.</param>
/// <param name="Stack">Its managed stack.</param>
/// <param name="LostItsPeers">
/// Whether it failed of a collective that a peer did not come to, or went away in; so that its failure follows from
/// another.
/// </param>
/// <param name="GaveUpWaiting">Whether it is the former: it waited for too long.</param>
/// <param name="IsByLauncher">Whether the launcher had sent it the signal that it ended by.</param>
/// <param name="Code">What its error file says it failed of, one of <see cref="RankExitCodes"/>.</param>
/// <param name="IsFound">
/// Whether the launcher found it out, rather than the rank told it: the message then says where the rank is.
/// </param>
internal sealed record RankEnd(
    int Rank, int ExitCode, DateTime? FailedAt = null, string? Message = null, string? Stack = null,
    bool LostItsPeers = false, bool GaveUpWaiting = false, bool IsByLauncher = false,
    int Code = RankExitCodes.Failed, bool IsFound = false)
{
    private const int Signals = 128;
    private const int SignalInterrupt = 2;
    private const int SignalKill = 9;
    private const int SignalTerminate = 15;

    /// <summary>Why, in words.</summary>
    public string Reason => Message ?? (ExitCode > Signals
        ? string.Create(CultureInfo.InvariantCulture, $"killed by {SignalName(ExitCode - Signals)}")
        : string.Create(CultureInfo.InvariantCulture, $"exit code {ExitCode}"));

    /// <summary>
    /// Whether it says of itself that something went wrong, whatever the launcher did; programs that end because they
    /// were asked to return the codes of SIGINT and SIGTERM.
    /// </summary>
    public bool IsTelling => Message is not null
        || (ExitCode is > Signals and not (Signals + SignalInterrupt or Signals + SignalTerminate) && !IsByLauncher);

    /// <summary>Whether it may have ended for want of memory.</summary>
    public bool MayLackMemory =>
        Code == RankExitCodes.OutOfMemory || ExitCode == Signals + SignalKill;

    private static string SignalName(int signal) => signal switch
    {
        SignalInterrupt => "SIGINT, or its program ended as one that was asked to",
        6 => "SIGABRT (an unhandled exception or a native fault; what the rank wrote says which)",
        7 => "SIGBUS",
        SignalKill => "SIGKILL (by hand, or for want of memory)",
        11 => "SIGSEGV",
        SignalTerminate => "SIGTERM, or its program ended as one that was asked to",
        _ => string.Create(CultureInfo.InvariantCulture, $"signal {signal}"),
    };
}
